/**
 * credit     how much an account may owe
 * rule       how much credit one call at a time takes, in an organisation
 * allowance  how many calls at once each trunk of an account may carry, by its credit
 *
 * An account's credit is enough for ⌊limit ÷ per call⌋ calls at once. Where its trunks ordered more than that together, the calls are
 * shared out in proportion to the orders. Every trunk carries at least one: whoever owes money still has to reach emergency services.
 */
import Big from 'big.js'

export interface CreditRule {
  /** Decimal; null: credit limits no calls. */
  perCall: string | null
  currency: string
  version: number
}

/** Ten dollars, a thousand minutes at a cent: what a line that is busy for a third of its office hours carries in about a week. */
export const FIRST_RULE: CreditRule = { perCall: '10', currency: 'USD', version: 0 }

export interface Credit {
  /** Decimal. */
  creditLimit: string
  /** Whether it is agreed: without, the limit says nothing. */
  hasCreditLimit: boolean
  currency: string
}

export interface Ordered {
  id: string
  concurrentCalls: number
}

const PLACES = 10_000
const exact = (amount: string): bigint => BigInt(new Big(amount).times(PLACES).toFixed(0))

/** For how many calls at once a credit is enough; null when it limits none: no limit is agreed, there is no rule, or it is in another currency. */
export const callsOf = (credit: Credit, rule: CreditRule): bigint | null =>
  credit.hasCreditLimit && rule.perCall !== null && credit.currency === rule.currency
    ? exact(credit.creditLimit) / exact(rule.perCall)
    : null

/**
 * How many calls at once each of an account's trunks may carry: together as many as the credit is enough for, each at least 1 and at
 * most its order. Shared out as seats of a parliament are by Webster's method (Sainte-Laguë), and not by largest remainders: with those, a
 * higher limit can take a call away from a trunk (the Alabama paradox). Pure; the order of the trunks does not matter.
 * @param calls for how many the credit is enough; null when it limits none
 */
export const allowance = (calls: bigint | null, trunks: readonly Ordered[]): Map<string, number> => {
  const ordered = orderedCalls(trunks)
  if (calls === null || calls >= ordered)
    return new Map(trunks.map(({ id, concurrentCalls }) => [id, concurrentCalls]))
  const count = BigInt(trunks.length)
  const shared = calls > count ? calls - count : 0n
  // What rounding gives with the divisor `ordered / shared`, one at least: never too many together, and on the way that the method goes.
  const shares = trunks
    .map(({ id, concurrentCalls }) => {
      const order = BigInt(concurrentCalls)
      const rounded = (2n * order * shared + ordered) / (2n * ordered)
      return { id, order, share: rounded > 1n ? rounded : 1n }
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  let left = calls - shares.reduce((sum, { share }) => sum + share, 0n)
  // The next call goes to whoever has the largest order for the odd number that follows its share.
  for (; left > 0n; left--) {
    const next = shares.reduce((best, each) =>
      each.order * (2n * best.share + 1n) > best.order * (2n * each.share + 1n) ? each : best,
    )
    next.share += 1n
  }
  return new Map(shares.map(({ id, share }) => [id, Number(share)]))
}

const orderedCalls = (trunks: readonly Ordered[]): bigint =>
  trunks.reduce((sum, { concurrentCalls }) => sum + BigInt(concurrentCalls), 0n)

/** Trunks with the calls that the credit of their account allows them. Pure. */
export const withAllowance = <T extends Ordered & { status: string; allowedCalls: number }>(
  credit: Credit,
  rule: CreditRule,
  trunks: readonly T[],
): T[] => {
  const live = trunks.filter(({ status }) => status !== 'DELETED')
  const allowed = allowance(callsOf(credit, rule), live)
  return trunks.map((trunk) => ({ ...trunk, allowedCalls: allowed.get(trunk.id) ?? trunk.allowedCalls }))
}

/** Why a trunk may carry so many calls at once, in a sentence. */
export const reasonOf = (
  credit: Credit,
  rule: CreditRule,
  account: { trunks: number; orderedCalls: number },
): string => {
  const { creditLimit, hasCreditLimit, currency } = credit
  const { trunks, orderedCalls: ordered } = account
  const asOrdered = 'so the trunk carries what was ordered.'
  if (!hasCreditLimit) return `No credit limit is agreed with its account, ${asOrdered}`
  if (rule.perCall === null) return `Credit limits no calls here, ${asOrdered}`
  if (currency !== rule.currency)
    return `Its account's credit is in ${currency} and the rule in ${rule.currency}, ${asOrdered}`
  const calls = callsOf(credit, rule) ?? 0n
  const begin = `Its account may owe ${plain(creditLimit)} ${currency}, enough for ${calls} calls at once at ${plain(rule.perCall)} ${currency} each`
  if (calls >= BigInt(ordered)) return `${begin}, and ${ordered} were ordered, ${asOrdered}`
  const order = trunks === 1 ? `${ordered} were ordered` : `${ordered} were ordered by its ${trunks} trunks`
  const share = trunks === 1 ? 'it carries so many' : 'each carries its share'
  return `${begin}, and ${order}: ${share}, and at least one.`
}

const plain = (amount: string): string => new Big(amount).toFixed()
