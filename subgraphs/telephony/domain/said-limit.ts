/**
 * word   what a company in HubSpot says of how much its account may owe
 *
 * A word is given to one account, once. Which account a company names may change without anybody saying a limit anew: then the word is
 * old, and the account that is named now has not been spoken of.
 *
 * Words are ordered by their place in the log that tells them. Their moments come from two clocks, HubSpot's and the hub's, and say nothing
 * about which was first.
 */
import Big from 'big.js'
import type { Decimal, Money } from '#kernel/money.ts'
import { AMOUNT } from './asset.ts'

/** What a company says, as it is remembered. */
export interface CompanyWord {
  companyId: string
  customerId: string
  /** The account that it says it is; null when it says none. */
  ban: string | null
  /** Null when it says nothing, or nothing that an account can be given. */
  amount: Decimal | null
  currency: string | null
  /** Why an account cannot be given what it says. */
  refused: 'NEGATIVE' | 'TOO_LARGE' | null
  /** The place of the newest event about it. */
  pos: number
  /** The place of the event by which it said just this. */
  saidPos: number
  /** The hub may have said it itself, where the company said nothing. */
  mayBeOurs: boolean
  /** The account that was given it; null while it waits for one. */
  givenTo: string | null
  isGone: boolean
}

/** What is told of a company. */
export interface CompanyTold extends Pick<CompanyWord, 'companyId' | 'customerId' | 'ban' | 'pos'> {
  limit: Money | null
  isGone: boolean
  /** Whether the hub changed it; undefined when nobody knows. */
  changedHere: boolean | undefined
}

const PLACES = 4

const sound = (limit: Money | null): Pick<CompanyWord, 'amount' | 'currency' | 'refused'> => {
  if (limit === null) return { amount: null, currency: null, refused: null }
  const { currency } = limit
  const amount = new Big(limit.amount).round(PLACES, Big.roundHalfUp)
  if (amount.lt(0)) return { amount: null, currency, refused: 'NEGATIVE' }
  return AMOUNT.test(amount.toFixed())
    ? { amount: amount.toFixed(), currency, refused: null }
    : { amount: null, currency, refused: 'TOO_LARGE' }
}

/** What is remembered of a company once something is told of it; what was told before says nothing new. Pure. */
export const hearCompany = (held: CompanyWord | undefined, told: CompanyTold): CompanyWord => {
  const { limit, changedHere, ...now } = told
  if (held && told.pos < held.pos) return held
  const said = sound(limit)
  // Should it come back and say the same, that is nothing new.
  if (held && told.isGone) return { ...held, ...now }
  const isSame =
    held?.amount === said.amount && held.currency === said.currency && held.refused === said.refused
  if (held && isSame) return { ...held, ...now }
  // The hub writes a limit only to a company that says none.
  const mayBeOurs = held
    ? held.amount === null && held.refused === null && changedHere !== false
    : changedHere === true
  return { ...now, ...said, saidPos: told.pos, mayBeOurs, givenTo: null }
}

/** Whether a word is what was set here, said back by HubSpot. @param set what the account's limit was set to lately */
export const isEcho = (
  { amount, mayBeOurs }: Pick<CompanyWord, 'amount' | 'mayBeOurs'>,
  set: readonly Decimal[],
): boolean => mayBeOurs && amount !== null && set.includes(amount)

/** So many limits are known again when HubSpot says them back. */
const MOST_SET = 20

/** The limits that an account's was set to lately, with one more. */
export const rememberLimit = (set: readonly Decimal[], limit: Decimal): Decimal[] =>
  [...set, limit].slice(-MOST_SET)
