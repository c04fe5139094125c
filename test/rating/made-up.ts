/** Rate plans and usage by chance, the same for the same seed, and what they cost counted unit by unit. */
import type { RatePlanTerms, UsagePrice } from '#subgraphs/telephony/domain/rate-plans.ts'
import type { ClassTotals } from '#subgraphs/telephony/domain/rating.ts'
import { USAGE_CLASSES, type UsageClass } from '#subgraphs/telephony/domain/usage.ts'

/** A linear congruential generator (Numerical Recipes): chance that is the same each time. */
export const chanceOf = (seed: number) => {
  let state = seed
  const chance = () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
  /** A whole number from `low` to `high`. */
  const whole = (low: number, high: number) => low + Math.floor(chance() * (high - low + 1))
  return { chance, whole }
}
export type Chance = ReturnType<typeof chanceOf>

const priceOf = ({ chance, whole }: Chance): string => {
  const decimals = whole(0, 6)
  const digits = String(whole(0, chance() < 0.1 ? 999_999 : 99_999)).padStart(decimals + 1, '0')
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

const shuffled = <T>(all: readonly T[], { chance }: Chance): T[] =>
  all
    .map((one) => [chance(), one] as const)
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one)

const pricesOf = (chance: Chance, most: number): UsagePrice[] =>
  shuffled(USAGE_CLASSES, chance).map((of) => {
    let end = 0
    const bounds = Array.from({ length: chance.whole(0, 3) }, () => {
      end += chance.whole(1, most)
      return end
    })
    return { class: of, steps: [...bounds, null].map((upTo) => ({ upTo, price: priceOf(chance) })) }
  })

/** Sound terms by chance; bounds and pools of so many minutes at most. */
export const madeUpTerms = (chance: Chance, most: number): RatePlanTerms => {
  const pool = shuffled(USAGE_CLASSES, chance).slice(0, chance.whole(0, 4))
  return {
    currency: 'USD',
    monthlyFee: String(chance.whole(0, 9_999)),
    includedMinutes: pool.length === 0 || chance.chance() < 0.3 ? 0 : chance.whole(1, most * 2),
    includedClasses: pool,
    minutePrices: pricesOf(chance, most),
    messagePrices: pricesOf(chance, most),
    numberPrices: [],
  }
}

/** What a month adds up to by chance: so many seconds, and messages, of a class at most. */
export const madeUpTotals = (chance: Chance, seconds: number, messages: number): ClassTotals[] =>
  shuffled(USAGE_CLASSES, chance)
    .slice(0, chance.whole(0, 4))
    .map((of) => ({
      class: of,
      seconds: chance.whole(0, seconds),
      messages: chance.whole(0, messages),
    }))

/** A decimal's digits as a fraction. */
const fraction = (text: string): [bigint, bigint] => {
  const [whole = '0', decimals = ''] = text.split('.')
  return [BigInt(whole + decimals), 10n ** BigInt(decimals.length)]
}

/** The price of the nth unit, counted from 1, found by asking step after step. */
const priceAt = (prices: readonly UsagePrice[], of: UsageClass, n: number): string =>
  prices.find((each) => each.class === of)!.steps.find(({ upTo }) => upTo === null || n <= upTo)!.price

/** A sum of fractions, rounded half up to four decimals, in ten-thousandths. */
const rounded = (counts: ReadonlyMap<string, bigint>, perUnit: bigint): bigint => {
  let [over, under] = [0n, 1n]
  for (const [price, count] of counts) {
    const [a, b] = fraction(price)
    over = over * b * perUnit + a * count * under
    under = under * b * perUnit
  }
  return (over * 20_000n + under) / (under * 2n)
}

/**
 * What a month costs, in ten-thousandths, counted slowly: second after second and message after message, each asked for its own price,
 * in fractions. Shares nothing with the rating.
 */
export const slowCost = (terms: RatePlanTerms, totals: readonly ClassTotals[]): bigint => {
  let pool = terms.includedMinutes * 60
  const paid = new Map<UsageClass, number>()
  const order = [
    ...terms.includedClasses,
    ...USAGE_CLASSES.filter((of) => !terms.includedClasses.includes(of)),
  ]
  for (const of of order) {
    const isPooled = terms.includedClasses.includes(of)
    let seconds = 0
    for (let n = totals.find((each) => each.class === of)?.seconds ?? 0; n > 0; n--)
      if (isPooled && pool > 0) pool -= 1
      else seconds += 1
    paid.set(of, seconds)
  }
  let total = 0n
  for (const of of USAGE_CLASSES) {
    const [seconds, messages] = [new Map<string, bigint>(), new Map<string, bigint>()]
    const add = (to: Map<string, bigint>, price: string) => to.set(price, (to.get(price) ?? 0n) + 1n)
    for (let n = 1; n <= paid.get(of)!; n++) add(seconds, priceAt(terms.minutePrices, of, Math.ceil(n / 60)))
    for (let n = 1; n <= (totals.find((each) => each.class === of)?.messages ?? 0); n++)
      add(messages, priceAt(terms.messagePrices, of, n))
    total += rounded(seconds, 60n) + rounded(messages, 1n)
  }
  return total
}

/** An amount with four decimals at most, in ten-thousandths. */
export const tenThousandths = (amount: string): bigint => {
  const [, sign = '', whole, decimals = ''] = /^(-?)(\d+)(?:\.(\d{1,4}))?$/.exec(amount) ?? []
  if (whole === undefined) throw new Error(`no amount with four decimals: ${amount}`)
  return BigInt(`${sign}${whole}${decimals.padEnd(4, '0')}`)
}
