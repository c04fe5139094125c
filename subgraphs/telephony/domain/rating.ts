/**
 * What usage costs. A month of an account is rated as a whole, from what its calls and messages add up to:
 *
 * 1. Seconds are never rounded to minutes. The pool of included minutes is taken off the classes in the plan's order.
 * 2. What is left of a class, and its messages, go through the class's price steps.
 * 3. Each line (a class's minutes, a class's messages) is rounded once, half up, to four decimals. The total is the sum of the lines.
 *
 * A day costs what the month costs until the day's end, less what it costs until the day before: the days add up to the month.
 * Nothing can get cheaper by using more, so no day costs less than nothing: of every class the seconds beyond the pool only grow,
 * and so does a sum of steps without negative prices.
 */
import Big from 'big.js'
import type { Decimal } from '#kernel/money.ts'
import { PRICE_DECIMALS, type PriceStep, type RatePlanTerms } from './rate-plans.ts'
import type { UsageClass } from './usage.ts'

/** What calls and messages of one class add up to. */
export interface ClassTotals {
  class: UsageClass
  seconds: number
  messages: number
}

/** What a class's minutes, or its messages, cost. Decimals with four places. */
export interface RatedLine {
  kind: 'MINUTES' | 'MESSAGES'
  class: UsageClass
  /** Minutes or messages. */
  quantity: Decimal
  /** How many of the minutes the pool has paid for. */
  included: Decimal
  amount: Decimal
}

export interface RatedUsage {
  /** One for whatever was used, minutes first, in the plan's order. */
  lines: RatedLine[]
  total: Decimal
  /** Minutes left in the pool. */
  includedLeft: Decimal
}

const PLACES = 4
const TEN_THOUSAND = 10n ** BigInt(PLACES)
const MILLION = 10n ** BigInt(PRICE_DECIMALS)
const SECONDS = 60n
/** Amounts are whole numbers of a sixtieth of a millionth: what a second costs at a price with six decimals. */
const ROUNDED_TO = (SECONDS * MILLION) / TEN_THOUSAND

/** A number of ten-thousandths as a decimal with four places. */
const placed = (n: bigint): Decimal => `${n / TEN_THOUSAND}.${String(n % TEN_THOUSAND).padStart(PLACES, '0')}`

/** Seconds as minutes with four places, half up. */
export const minutesOf = (seconds: number | bigint): Decimal =>
  placed((BigInt(seconds) * TEN_THOUSAND + SECONDS / 2n) / SECONDS)

/** The sum of amounts, with four places. */
export const sumOf = (amounts: readonly Decimal[]): Decimal =>
  amounts.reduce((sum, amount) => sum.plus(amount), new Big(0)).toFixed(PLACES)

/** One amount less another, with four places. */
export const lessOf = (amount: Decimal, other: Decimal): Decimal =>
  new Big(amount).minus(other).toFixed(PLACES)

interface Step {
  /** Seconds or messages; null: without end. */
  upTo: bigint | null
  /** Of one second or message. */
  price: bigint
}

const stepsOf = (steps: readonly PriceStep[], perUnit: bigint, perPrice: bigint): Step[] =>
  steps.map(({ upTo, price }) => ({
    upTo: upTo === null ? null : BigInt(upTo) * perUnit,
    price: BigInt(new Big(price).times(MILLION.toString()).toFixed(0)) * perPrice,
  }))

/** What so many seconds or messages cost, each at the price of the step it falls into. */
const costOf = (count: bigint, steps: readonly Step[]): bigint => {
  let [cost, from] = [0n, 0n]
  for (const { upTo, price } of steps) {
    const to = upTo === null || upTo > count ? count : upTo
    if (to > from) cost += (to - from) * price
    from = to
  }
  return cost
}

/**
 * Makes what rates months by a rate plan.
 * @returns takes what an account's month adds up to by class, each class once at most; answers what it costs
 */
export const rater = (terms: RatePlanTerms): ((totals: readonly ClassTotals[]) => RatedUsage) => {
  const minutes = terms.minutePrices.map((each) => ({
    class: each.class,
    // A second costs the sixtieth of a minute: a price in millionths is one in sixtieths of them.
    steps: stepsOf(each.steps, SECONDS, 1n),
  }))
  const messages = terms.messagePrices.map((each) => ({
    class: each.class,
    steps: stepsOf(each.steps, 1n, SECONDS),
  }))
  return (totals) => {
    const by = new Map(totals.map((each) => [each.class, each]))
    let pool = BigInt(terms.includedMinutes) * SECONDS
    const included = new Map<UsageClass, bigint>()
    for (const each of terms.includedClasses) {
      const seconds = BigInt(by.get(each)?.seconds ?? 0)
      const taken = seconds < pool ? seconds : pool
      included.set(each, taken)
      pool -= taken
    }
    let total = 0n
    const rounded = (cost: bigint): Decimal => {
      const amount = (cost + ROUNDED_TO / 2n) / ROUNDED_TO
      total += amount
      return placed(amount)
    }
    const lines: RatedLine[] = []
    for (const { class: of, steps } of minutes) {
      const seconds = BigInt(by.get(of)?.seconds ?? 0)
      if (seconds === 0n) continue
      const free = included.get(of) ?? 0n
      const amount = rounded(costOf(seconds - free, steps))
      lines.push({
        kind: 'MINUTES',
        class: of,
        quantity: minutesOf(seconds),
        included: minutesOf(free),
        amount,
      })
    }
    for (const { class: of, steps } of messages) {
      const count = BigInt(by.get(of)?.messages ?? 0)
      if (count === 0n) continue
      const amount = rounded(costOf(count, steps))
      lines.push({
        kind: 'MESSAGES',
        class: of,
        quantity: placed(count * TEN_THOUSAND),
        included: placed(0n),
        amount,
      })
    }
    return { lines, total: placed(total), includedLeft: minutesOf(pool) }
  }
}
