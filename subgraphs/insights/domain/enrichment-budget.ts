/**
 * What asking outside may cost: calls and money of a day, in UTC. It is counted before a call is made, by what a call costs at most: a
 * process that dies has then counted too much, and never too little.
 */
import Big from 'big.js'
import type { OutsideProvider } from './enrichment.ts'
import type { EnrichmentSettings } from './enrichment-settings.ts'
import { DAY } from './measuring.ts'

/** What a day's calls to a provider have been so far. */
export interface Spent {
  provider: OutsideProvider
  calls: number
  /** US dollars. */
  cost: string
}

/** What a call costs at most, in US dollars. */
export type Prices = Readonly<Record<OutsideProvider, string>>

/** How many more calls each provider may be asked today, of those that are wanted; those earlier in the list are asked first. */
export const granted = (
  wanted: readonly { provider: OutsideProvider; calls: number }[],
  spent: readonly Spent[],
  { callsPerDay, costPerDay }: Pick<EnrichmentSettings, 'callsPerDay' | 'costPerDay'>,
  prices: Prices,
): Map<OutsideProvider, number> => {
  let left = new Big(costPerDay).minus(spent.reduce((sum, { cost }) => sum.plus(cost), new Big(0)))
  return new Map(
    wanted.map(({ provider, calls }) => {
      const made = spent.find((one) => one.provider === provider)?.calls ?? 0
      const price = new Big(prices[provider])
      const affordable = price.gt(0)
        ? Number(left.div(price).round(0, Big.roundDown))
        : Number.POSITIVE_INFINITY
      const number = Math.max(0, Math.min(calls, callsPerDay - made, affordable))
      left = left.minus(price.times(number))
      return [provider, number]
    }),
  )
}

/** The day that a moment is of. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10)

/** When there is budget again, once a day's is spent. */
export const nextDay = (at: Date): Date => new Date((Math.floor(at.getTime() / DAY) + 1) * DAY)

/** What so many calls cost at most, in US dollars. */
export const costOf = (price: string, calls: number): string => new Big(price).times(calls).toFixed()
