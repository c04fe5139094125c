import Big from 'big.js'
import type { Lifecycle } from './lifecycle.ts'
import { advisePrice, agingDiscount, type PriceAdvice } from './pricing.ts'
import { adviseStock, chanceToRunOut, leadTimesOf, type StockAdvice } from './stock-levels.ts'
import { type SupplyRiskRow, supplyRisks } from './supply-risks.ts'
import { differenceOf, type PastQuote, type QuoteFor } from './win-rates.ts'

/** How long back sales are looked at. */
export const LOOK_BACK_DAYS = 730
/** What placing an order costs, in the currency of the stock, and what holding a piece for a year costs as a share of its own: assumed. */
export const ORDER_COST = 40
export const HOLDING = 0.2

/** What is known of a part's stock, sales and suppliers. */
export interface PartFacts {
  free: number
  lifecycle: Lifecycle | null
  /** What one costs us on average, decimal; null while none lies there. */
  averageCost: string | null
  /** Pieces of each order of the last two years. */
  orders: readonly number[]
  sources: readonly {
    supplierId: string
    leadTimeDays: number
    onTime: number | null
    isApproved: boolean
    unitCost: string
    /** Pieces that it sells at least. */
    minimumQuantity: number
  }[]
}

/** The supplier that delivers first among those we may buy from. */
export const fastest = ({ sources }: PartFacts) =>
  sources.filter(({ isApproved }) => isApproved).sort((a, b) => a.leadTimeDays - b.leadTimeDays)[0]

/** When to order a part again; null while too little was sold, nobody offers it, or it has no known cost. */
export const stockAdviceFor = (
  facts: PartFacts,
  serviceLevel: number,
): (StockAdvice & { isDue: boolean; reasoning: string }) | null => {
  const source = fastest(facts)
  const piece = Number(facts.averageCost ?? source?.unitCost ?? 0)
  if (!source || piece <= 0) return null
  const leadTimes = leadTimesOf(source.leadTimeDays, source.onTime)
  const advice = adviseStock({ orders: facts.orders, days: LOOK_BACK_DAYS }, leadTimes, {
    serviceLevel,
    costs: { order: ORDER_COST, piece, holding: HOLDING },
    minimumQuantity: source.minimumQuantity,
  })
  if (!advice) return null
  const perDay = advice.demandPerDay < 10 ? advice.demandPerDay.toFixed(1) : advice.demandPerDay.toFixed(0)
  return {
    ...advice,
    isDue: facts.free <= advice.reorderPoint,
    reasoning: `${facts.orders.length} orders in two years, ${perDay} pieces a day; the fastest supplier takes ${source.leadTimeDays} days.`,
  }
}

/** The chance, from 0 to 1, that a part is sold out before the fastest delivery comes that is ordered now. */
export const shortageChance = (facts: PartFacts): number => {
  const source = fastest(facts)
  if (!source) return 0
  const history = { orders: facts.orders, days: LOOK_BACK_DAYS }
  return chanceToRunOut(history, leadTimesOf(source.leadTimeDays, source.onTime), facts.free)
}

/** What threatens the supply of a part, the worst first. */
export const risksFor = (facts: PartFacts): SupplyRiskRow[] => {
  const pieces = facts.orders.reduce((sum, each) => sum + each, 0)
  return supplyRisks({
    free: facts.free,
    demandPerDay: facts.orders.length === 0 ? null : pieces / LOOK_BACK_DAYS,
    lifecycle: facts.lifecycle,
    sources: facts.sources,
  })
}

/** A line that a price is wanted for, and one that was decided. */
export interface Asked extends QuoteFor {
  /** How long what lies there has lain, on average; nought where nobody knows. */
  daysOnShelf: number
}
export interface Decided extends QuoteFor {
  rfqId: string
  markup: number
  isWon: boolean
  decidedAt: Date
}

/** Most evidence lies in the closest quotes: the rest would cost time and tell little. */
const MOST_EVIDENCE = 150

/**
 * The quotes that tell most of what to ask for a line, out of all quotes of its part's category. A request is won or lost as a whole:
 * all its lines together tell as much as one quote.
 */
export const quotesFor = (asked: QuoteFor, decided: readonly Decided[], now: Date): PastQuote[] => {
  const closest = decided
    .map(({ decidedAt, ...quote }) => ({
      ...quote,
      ageDays: (now.getTime() - decidedAt.getTime()) / 86_400_000,
    }))
    .map((quote) => ({ quote, difference: differenceOf(asked, quote) }))
    .sort((a, b) => a.difference - b.difference)
    .slice(0, MOST_EVIDENCE)
    .map(({ quote }) => quote)
  const lines = Map.groupBy(closest, ({ rfqId }) => rfqId)
  return closest.map(({ rfqId, markup, isWon, componentId, family, accountId, quantity, ageDays }) => {
    const share = 1 / lines.get(rfqId)!.length
    return { markup, isWon, componentId, family, accountId, quantity, ageDays, share }
  })
}

/** Quotes age by whole months: from one day to the next a price does not change. */
const monthOf = (now: Date): Date => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1))

/** Everything that a price is worked out from. */
export interface PriceBasis {
  /** What one costs us, decimal. */
  cost: string
  currency: string
  asked: Asked
  /** How much less than its cost a piece is worth to us. */
  discount: number
  quotes: PastQuote[]
}

/**
 * What a price for a line is worked out from. Null where none can be: a cost in another currency than the request's says nothing about a
 * price in its own, and nothing can be put on top of what costs nothing.
 * @param decided all decided quotes of the part's category
 */
export const priceBasisOf = (
  asked: Asked,
  part: { unitCost: string | null; currency: string | null },
  currency: string,
  decided: readonly Decided[],
  now: Date,
): PriceBasis | null => {
  const { unitCost: cost } = part
  if (cost === null || part.currency !== currency || !new Big(cost).gt(0)) return null
  const quotes = quotesFor(asked, decided, monthOf(now))
  return { cost, currency, asked, discount: agingDiscount(asked.daysOnShelf), quotes }
}

/** What to ask for one piece, with the prices between which the best one lies. Decimals are texts. Null while too little is known. */
export const priceFrom = ({
  cost,
  asked,
  discount,
  quotes,
}: PriceBasis): (PriceAdvice & { price: string; lowPrice: string; highPrice: string }) | null => {
  const advice = advisePrice(asked, quotes, discount)
  if (!advice) return null
  const priceOf = (markup: number) => new Big(cost).times(markup.toFixed(6)).toFixed(4)
  const { markup, low, high } = advice
  return { ...advice, price: priceOf(markup), lowPrice: priceOf(low), highPrice: priceOf(high) }
}
