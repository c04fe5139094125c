import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { decimal } from '#kernel/money.ts'
import type { AccountStatus } from './account-life.ts'
import { MOST_ADDRESSES, overlapWithin, readAddress } from './addresses.ts'
import { isBan } from './ban.ts'
import { flawInCnam } from './numbers.ts'

/**
 * account   who pays: a billing account with its number (BAN)
 * trunk     a line into the network that carries many calls at once
 * number    a telephone number given to an account, its calls arriving on a trunk
 */
export interface NewTrunk {
  name: string
  /** None: it waits for them. */
  ipAddresses: string[]
  concurrentCalls: number
  monthlyMinutes: number
  /** Best first. */
  codecs: Codec[]
}

export const CODECS = ['PCMU', 'PCMA', 'G722', 'G729', 'OPUS'] as const
export type Codec = (typeof CODECS)[number]

export interface NewNumber {
  number: string
  type: 'LOCAL' | 'TOLLFREE' | 'MOBILE'
  capabilities: ('VOICE' | 'SMS')[]
  monthlyCost: string
  cnam?: string | null
  trunkName?: string | null
}

/** A number of which nobody has said yet what it costs. */
export type UnpricedNumber = Omit<NewNumber, 'monthlyCost'> & { monthlyCost?: string | null | undefined }

/** What is agreed with an account. Amounts are decimals in its currency. */
export interface AccountTerms {
  name: string
  domain?: string | null | undefined
  tier: 'STARTER' | 'GROWTH' | 'ENTERPRISE'
  mrr: string
  /** Null: no limit is agreed. */
  creditLimit?: string | null | undefined
  contractEnd?: string | null | undefined
  paymentTerms: string
  paymentMethod: 'CARD' | 'ACH' | 'WIRE'
  paymentStatus: 'CURRENT' | 'PAST_DUE' | 'SUSPENDED'
  apiEnabled: boolean
  smsEnabled: boolean
}

export interface NewAccount extends AccountTerms {
  ban?: string | null | undefined
  status: AccountStatus
  currency: string
  /** The customer it is for, where that is known. */
  openedFor?: string
  trunks: NewTrunk[]
  numbers: NewNumber[]
}

/** What is wrong with an input, and where. */
export interface Flaw {
  field: string
  problem: string
}

const HOME_COUNTRY: CountryCode = 'US'

/** An amount of money with as many places as are kept. */
export const AMOUNT = /^\d{1,12}(\.\d{1,4})?$/
const AMOUNT_PROBLEM = 'must be an amount of 0 or more, with at most four places'

const notAmount = (text: string): boolean => {
  try {
    return !AMOUNT.test(decimal(text))
  } catch {
    return true
  }
}

/** The number in international form (E.164), or null when no such number can exist. */
export const e164 = (text: string): string | null => {
  const parsed = parsePhoneNumberFromString(text, HOME_COUNTRY)
  return parsed?.isValid() ? parsed.number : null
}

/** What is wrong with a trunk as it is wanted; null when nothing is. */
export const flawInTrunk = (trunk: NewTrunk): Flaw | null => {
  if (trunk.name.trim() === '' || trunk.name.length > 100)
    return { field: 'name', problem: 'must have 1 to 100 characters' }
  if (trunk.concurrentCalls < 1) return { field: 'concurrentCalls', problem: 'must be at least 1' }
  if (trunk.monthlyMinutes < 0) return { field: 'monthlyMinutes', problem: 'cannot be negative' }
  if (trunk.codecs.length === 0) return { field: 'codecs', problem: 'must name at least one' }
  if (new Set(trunk.codecs).size < trunk.codecs.length)
    return { field: 'codecs', problem: 'must name each once' }
  return flawInAddresses(trunk.ipAddresses)
}

const flawInAddresses = (addresses: readonly string[]): Flaw | null => {
  if (addresses.length > MOST_ADDRESSES)
    return { field: 'ipAddresses', problem: `may hold at most ${MOST_ADDRESSES}: name networks instead` }
  const read = addresses.map(readAddress)
  const wrong = read.findIndex((one) => 'problem' in one)
  const flaw = read[wrong]
  if (flaw && 'problem' in flaw) return { field: `ipAddresses.${wrong}`, problem: flaw.problem }
  const twice = overlapWithin(addressesOf(addresses))
  return twice && { field: `ipAddresses.${twice[1]}`, problem: `overlaps with ipAddresses.${twice[0]}` }
}

/** Addresses in the one form that equal ones share; those that are none are left out. */
export const addressesOf = (texts: readonly string[]): string[] =>
  texts.map(readAddress).flatMap((one) => ('address' in one ? [one.address] : []))

/** What is wrong with a new telephone number; null when nothing is. */
export const flawInNumber = (number: NewNumber): Flaw | null => {
  if (e164(number.number) === null)
    return { field: 'number', problem: 'is not a telephone number; write it like +13035551000' }
  return flawInNumberTerms(number)
}

/** What is wrong with what a telephone number shows, costs and can do; null when nothing is. What is left out is not looked at. */
export const flawInNumberTerms = (
  terms: Partial<Pick<NewNumber, 'cnam' | 'monthlyCost' | 'capabilities'>>,
): Flaw | null => {
  const problem = terms.cnam ? flawInCnam(terms.cnam) : null
  if (problem) return { field: 'cnam', problem }
  if (terms.monthlyCost !== undefined && notAmount(terms.monthlyCost))
    return {
      field: 'monthlyCost',
      problem: 'must be 0 or more, with at most 12 places before the point and 4 behind it',
    }
  if (terms.capabilities?.length === 0) return { field: 'capabilities', problem: 'must name at least one' }
  return null
}

const within = (flaw: Flaw | null, place: string): Flaw[] =>
  flaw ? [{ ...flaw, field: `${place}.${flaw.field}` }] : []

/** What is wrong with what is agreed with an account; nothing when nothing is. */
const flawsInTerms = (terms: AccountTerms): Flaw[] => {
  const { name, domain, mrr, creditLimit, paymentTerms } = terms
  const flaws: [boolean, Flaw][] = [
    [name.trim() === '' || name.length > 200, { field: 'name', problem: 'must have 1 to 200 characters' }],
    [(domain?.length ?? 0) > 253, { field: 'domain', problem: 'must have at most 253 characters' }],
    [notAmount(mrr), { field: 'mrr', problem: AMOUNT_PROBLEM }],
    [
      typeof creditLimit === 'string' && notAmount(creditLimit),
      { field: 'creditLimit', problem: AMOUNT_PROBLEM },
    ],
    [
      paymentTerms.trim() === '' || paymentTerms.length > 40,
      { field: 'paymentTerms', problem: 'must have 1 to 40 characters, such as NET30' },
    ],
  ]
  return flaws.flatMap(([isWrong, flaw]) => (isWrong ? [flaw] : []))
}

/** The first thing wrong with what shall be agreed with an account; null when nothing is. */
export const flawInTerms = (terms: AccountTerms): Flaw | null => flawsInTerms(terms)[0] ?? null

/** The first thing wrong with a new account, its trunks and numbers; null when nothing is. */
export const flawInAccount = (account: NewAccount): Flaw | null => {
  const trunkNames = new Set(account.trunks.map((trunk) => trunk.name.trim()))
  const numbers = account.numbers.map((n) => e164(n.number))
  const flaws: Flaw[] = [
    ...(account.ban && !isBan(account.ban)
      ? [{ field: 'ban', problem: 'may hold digits, capital letters and dashes, 3 to 32 of them' }]
      : []),
    ...flawsInTerms(account),
    ...(/^[A-Z]{3}$/.test(account.currency)
      ? []
      : [{ field: 'currency', problem: 'must be a three-letter currency code such as USD' }]),
    ...account.trunks.flatMap((trunk, i) => within(flawInTrunk(trunk), `trunks.${i}`)),
    ...(trunkNames.size < account.trunks.length
      ? [{ field: 'trunks', problem: 'must have different names' }]
      : []),
    ...account.numbers.flatMap((number, i) => within(flawInNumber(number), `numbers.${i}`)),
    ...(new Set(numbers).size < numbers.length ? [{ field: 'numbers', problem: 'must be different' }] : []),
    ...account.numbers.flatMap((number, i) =>
      number.trunkName && !trunkNames.has(number.trunkName.trim())
        ? [{ field: `numbers.${i}.trunkName`, problem: 'names no trunk of this account' }]
        : [],
    ),
  ]
  return flaws[0] ?? null
}
