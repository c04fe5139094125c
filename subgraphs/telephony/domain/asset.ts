import { isIP } from 'node:net'
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { decimal } from '#kernel/money.ts'
import { isBan } from './ban.ts'
import { flawInCnam } from './numbers.ts'

/**
 * account   who pays: a billing account with its number (BAN)
 * trunk     a line into the network that carries many calls at once
 * number    a telephone number given to an account, its calls arriving on a trunk
 */
export interface NewTrunk {
  name: string
  ipAddresses: string[]
  concurrentCalls: number
  monthlyMinutes: number
}

export interface NewNumber {
  number: string
  type: 'LOCAL' | 'TOLLFREE' | 'MOBILE'
  capabilities: ('VOICE' | 'SMS')[]
  monthlyCost: string
  cnam?: string | null
  trunkName?: string | null
}

export interface NewAccount {
  ban?: string | null
  name: string
  domain?: string | null
  status: 'ACTIVE' | 'SUSPENDED' | 'CHURNED'
  tier: 'STARTER' | 'GROWTH' | 'ENTERPRISE'
  mrr: string
  creditLimit: string
  currency: string
  contractEnd?: string | null
  paymentTerms: string
  paymentMethod: 'CARD' | 'ACH' | 'WIRE'
  paymentStatus: 'CURRENT' | 'PAST_DUE' | 'SUSPENDED'
  trunks: NewTrunk[]
  numbers: NewNumber[]
}

/** What is wrong with an input, and where. */
export interface Flaw {
  field: string
  problem: string
}

const HOME_COUNTRY: CountryCode = 'US'

const notAmount = (text: string): boolean => {
  try {
    return decimal(text).startsWith('-')
  } catch {
    return true
  }
}

/** As many places as are kept. */
const isPrice = (text: string): boolean => !notAmount(text) && /^\d{1,12}(\.\d{1,4})?$/.test(decimal(text))

/** The number in international form (E.164), or null when no such number can exist. */
export const e164 = (text: string): string | null => {
  const parsed = parsePhoneNumberFromString(text, HOME_COUNTRY)
  return parsed?.isValid() ? parsed.number : null
}

/** What is wrong with a new trunk; null when nothing is. */
export const flawInTrunk = (trunk: NewTrunk): Flaw | null => {
  if (trunk.name.trim() === '' || trunk.name.length > 100)
    return { field: 'name', problem: 'must have 1 to 100 characters' }
  if (trunk.ipAddresses.length === 0) return { field: 'ipAddresses', problem: 'needs at least one address' }
  const wrong = trunk.ipAddresses.findIndex((address) => isIP(address) === 0)
  if (wrong !== -1) return { field: `ipAddresses.${wrong}`, problem: 'is not an IP address' }
  if (trunk.concurrentCalls < 1) return { field: 'concurrentCalls', problem: 'must be at least 1' }
  if (trunk.monthlyMinutes < 0) return { field: 'monthlyMinutes', problem: 'cannot be negative' }
  return null
}

/** What is wrong with a new telephone number; null when nothing is. */
export const flawInNumber = (number: NewNumber): Flaw | null => {
  if (e164(number.number) === null)
    return { field: 'number', problem: 'is not a telephone number; write it like +13035551000' }
  return flawInTerms(number)
}

/** What is wrong with what a telephone number shows, costs and can do; null when nothing is. What is left out is not looked at. */
export const flawInTerms = (
  terms: Partial<Pick<NewNumber, 'cnam' | 'monthlyCost' | 'capabilities'>>,
): Flaw | null => {
  const problem = terms.cnam ? flawInCnam(terms.cnam) : null
  if (problem) return { field: 'cnam', problem }
  if (terms.monthlyCost !== undefined && !isPrice(terms.monthlyCost))
    return {
      field: 'monthlyCost',
      problem: 'must be 0 or more, with at most 12 places before the point and 4 behind it',
    }
  if (terms.capabilities?.length === 0) return { field: 'capabilities', problem: 'must name at least one' }
  return null
}

const within = (flaw: Flaw | null, place: string): Flaw[] =>
  flaw ? [{ ...flaw, field: `${place}.${flaw.field}` }] : []

/** The first thing wrong with a new account, its trunks and numbers; null when nothing is. */
export const flawInAccount = (account: NewAccount): Flaw | null => {
  const trunkNames = new Set(account.trunks.map((trunk) => trunk.name))
  const numbers = account.numbers.map((n) => e164(n.number))
  const flaws: Flaw[] = [
    ...(account.ban && !isBan(account.ban)
      ? [{ field: 'ban', problem: 'may hold digits, capital letters and dashes, 3 to 32 of them' }]
      : []),
    ...(account.name.trim() === '' || account.name.length > 200
      ? [{ field: 'name', problem: 'must have 1 to 200 characters' }]
      : []),
    ...(notAmount(account.mrr) ? [{ field: 'mrr', problem: 'must be an amount of 0 or more' }] : []),
    ...(notAmount(account.creditLimit)
      ? [{ field: 'creditLimit', problem: 'must be an amount of 0 or more' }]
      : []),
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
      number.trunkName && !trunkNames.has(number.trunkName)
        ? [{ field: `numbers.${i}.trunkName`, problem: 'names no trunk of this account' }]
        : [],
    ),
  ]
  return flaws[0] ?? null
}
