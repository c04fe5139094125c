/**
 * rate plan  a monthly fee, minutes that are included in it, and prices of what goes beyond; a version of it never changes
 * step       a price up to a number of minutes or messages of the month; each minute keeps the price of the step it falls into
 * pool       the included minutes of a month, shared by the classes that are named, used up in the order they are named in
 */
import Big from 'big.js'
import { type Decimal, decimal } from '#kernel/money.ts'
import type { Flaw } from './asset.ts'
import { USAGE_CLASSES, type UsageClass } from './usage.ts'

export interface PriceStep {
  /** The last minute or message of the month with this price; null: without end. */
  upTo: number | null
  price: Decimal
}

export interface UsagePrice {
  class: UsageClass
  steps: PriceStep[]
}

export type NumberType = 'LOCAL' | 'TOLLFREE' | 'MOBILE'

/** What a version of a rate plan says. */
export interface RatePlanTerms {
  currency: string
  monthlyFee: Decimal
  includedMinutes: number
  includedClasses: UsageClass[]
  minutePrices: UsagePrice[]
  messagePrices: UsagePrice[]
  numberPrices: { type: NumberType; price: Decimal }[]
}
export type RatePlanTermsRow = RatePlanTerms

/** The terms as somebody writes them: a last step's end may be left out. */
export interface NewTerms {
  monthlyFee: string
  includedMinutes: number
  includedClasses: readonly UsageClass[]
  minutePrices: readonly NewPrice[]
  messagePrices: readonly NewPrice[]
  numberPrices: readonly { type: NumberType; price: string }[]
}
interface NewPrice {
  class: UsageClass
  steps: readonly { upTo?: number | null | undefined; price: string }[]
}

const MOST_STEPS = 20
const MOST_UNITS = 1_000_000_000
const AMOUNT_DECIMALS = 4
/** So fine are prices of a minute and of a message. */
export const PRICE_DECIMALS = 6
const LARGEST_AMOUNT = 1_000_000_000
const LARGEST_PRICE = 1_000_000

/** What is wrong with an amount; null when nothing is. */
const flawInAmount = (field: string, text: string, decimals: number, largest: number): Flaw | null => {
  try {
    const amount = new Big(text)
    if (amount.lt(0) || amount.gte(largest))
      return { field, problem: `must be 0 or more, and less than ${largest}` }
    return amount.eq(amount.round(decimals))
      ? null
      : { field, problem: `can have at most ${decimals} decimals` }
  } catch {
    return { field, problem: 'must be a decimal number' }
  }
}

const flawInSteps = (field: string, steps: NewPrice['steps']): Flaw | null => {
  if (steps.length === 0 || steps.length > MOST_STEPS)
    return { field: `${field}.steps`, problem: `must have 1 to ${MOST_STEPS} entries` }
  for (const [n, { upTo = null, price }] of steps.entries()) {
    const place = `${field}.steps.${n}`
    const isLast = n === steps.length - 1
    if (isLast && upTo !== null)
      return { field: `${place}.upTo`, problem: 'must be left out of the last step' }
    if (!isLast && upTo === null)
      return { field: `${place}.upTo`, problem: 'must be there in every step but the last' }
    if (upTo !== null && (upTo <= (steps[n - 1]?.upTo ?? 0) || upTo > MOST_UNITS))
      return { field: `${place}.upTo`, problem: 'must be more than that of the step before' }
    const flaw = flawInAmount(`${place}.price`, price, PRICE_DECIMALS, LARGEST_PRICE)
    if (flaw) return flaw
  }
  return null
}

const flawInPrices = (field: string, prices: readonly NewPrice[]): Flaw | null => {
  const named = new Set<UsageClass>()
  for (const [n, price] of prices.entries()) {
    if (named.has(price.class)) return { field: `${field}.${n}.class`, problem: 'is named twice' }
    named.add(price.class)
    const flaw = flawInSteps(`${field}.${n}`, price.steps)
    if (flaw) return flaw
  }
  // What has no price would cost nothing, and nobody would notice.
  const unpriced = USAGE_CLASSES.find((each) => !named.has(each))
  return unpriced ? { field, problem: `must say what ${unpriced} costs` } : null
}

/** The first thing wrong with the terms of a rate plan, and where; null when nothing is. */
export const flawInTerms = (terms: NewTerms): Flaw | null => {
  const { includedMinutes, includedClasses, numberPrices } = terms
  const twice = numberPrices.findIndex(({ type }, n) => numberPrices.findIndex((p) => p.type === type) < n)
  const flaws: (Flaw | null)[] = [
    flawInAmount('terms.monthlyFee', terms.monthlyFee, AMOUNT_DECIMALS, LARGEST_AMOUNT),
    includedMinutes < 0 || includedMinutes > MOST_UNITS
      ? { field: 'terms.includedMinutes', problem: `must be from 0 to ${MOST_UNITS}` }
      : null,
    includedMinutes > 0 && includedClasses.length === 0
      ? { field: 'terms.includedClasses', problem: 'must say where calls may go for the included minutes' }
      : null,
    new Set(includedClasses).size < includedClasses.length
      ? { field: 'terms.includedClasses', problem: 'can name each class once only' }
      : null,
    flawInPrices('terms.minutePrices', terms.minutePrices),
    flawInPrices('terms.messagePrices', terms.messagePrices),
    twice === -1 ? null : { field: `terms.numberPrices.${twice}.type`, problem: 'is named twice' },
    ...numberPrices.map(({ price }, n) =>
      flawInAmount(`terms.numberPrices.${n}.price`, price, AMOUNT_DECIMALS, LARGEST_AMOUNT),
    ),
  ]
  return flaws.find((flaw) => flaw !== null) ?? null
}

/** Sound terms as they are kept. */
export const termsOf = (currency: string, terms: NewTerms): RatePlanTerms => {
  const pricesOf = (prices: readonly NewPrice[]): UsagePrice[] =>
    prices.map(({ class: of, steps }) => ({
      class: of,
      steps: steps.map(({ upTo = null, price }) => ({ upTo, price: decimal(price) })),
    }))
  return {
    currency,
    monthlyFee: decimal(terms.monthlyFee),
    includedMinutes: terms.includedMinutes,
    includedClasses: [...terms.includedClasses],
    minutePrices: pricesOf(terms.minutePrices),
    messagePrices: pricesOf(terms.messagePrices),
    numberPrices: terms.numberPrices.map(({ type, price }) => ({ type, price: decimal(price) })),
  }
}

/** What a telephone number costs of which nobody says anything. */
const NUMBER_PRICE: Decimal = '1.00'

/** What a telephone number costs a month that comes without a price: by the plan of its account, where that says something of its kind. */
export const numberPrice = (type: NumberType, terms?: RatePlanTerms): Decimal =>
  terms?.numberPrices.find((each) => each.type === type)?.price ?? NUMBER_PRICE
