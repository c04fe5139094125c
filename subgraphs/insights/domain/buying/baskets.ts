/**
 * What is bought together: which kinds of parts customers that buy one kind buy as well, and how much of their spending goes to each.
 *
 * rule      who buys `because` buys `category` more often than others do
 * support   how many customers buy both
 * lift      how many times more customers buy it among those that buy the other than among all (S. Brin, R. Motwani, J. Ullman and S. Tsur,
 *           Dynamic Itemset Counting and Implication Rules, SIGMOD 1997)
 */

import { DAY } from '../measuring.ts'
import { beyondNormal } from '../statistics/normal.ts'
import { median, quantile } from '../statistics/quantiles.ts'
import { wilson } from '../statistics/share.ts'
import { monthOf, startOf } from './periods.ts'
import type { Purchases } from './purchases.ts'

export interface Rule {
  because: string
  category: string
  support: number
  lift: number
  /** How many of a hundred that buy the one buy the other, at the least: the lower bound of Wilson's interval. */
  confidence: number
}

/** What customers spend on a kind of part. */
export interface CategorySpend {
  buyers: number
  /** What half of its buyers spend on it in a year at most, as decimal text. */
  yearly: string
  /** How many of a hundred of their spending go to it: nine deciles. */
  shares: number[]
}

export interface BasketsModel {
  version: number
  currency: string
  rules: Rule[]
  categories: Record<string, CategorySpend>
}

export const CUSTOMERS_NEEDED = 50
/** Together bought by fewer customers than this it may be anybody's habit. */
export const LEAST_SUPPORT = 10
/** Of what passes for a rule, so much may be chance. */
const FALSE_RULES = 0.05
const MOST_RULES = 500
/** Kinds of parts that are looked at: those with most buyers. */
const MOST_CATEGORIES = 300
const MONTHS = 12

/** What a customer spent in the twelve whole months before this one, by kind of part; null when that is nothing. */
export const yearOf = (
  { lines }: Pick<Purchases, 'lines'>,
  asOf: Date,
): { total: number; of: Map<string, number> } | null => {
  const month = monthOf(Math.floor(asOf.getTime() / DAY))
  const [from, until] = [month - MONTHS, month].map((each) => startOf(each).getTime() / DAY) as [
    number,
    number,
  ]
  const amounts = lines.filter(({ day, category }) => category !== null && day >= from && day < until)
  const of = new Map<string, number>()
  // In one order, so that the same lines in another give the same to the last bit.
  for (const { category, amount } of [...amounts].sort((a, b) => Number(a.amount) - Number(b.amount)))
    of.set(category!, (of.get(category!) ?? 0) + Number(amount))
  const total = [...of.values()].sort((a, b) => a - b).reduce((t, amount) => t + amount, 0)
  return total > 0 ? { total, of } : null
}

/** The kinds of parts that a customer has ever bought. */
export const categoriesOf = ({ lines }: Pick<Purchases, 'lines'>): string[] =>
  [...new Set(lines.flatMap(({ category }) => category ?? []))].sort()

interface Seen {
  /** How many kinds of parts were met before it. */
  place: number
  buyers: number
  yearly: number[]
  shares: number[]
}

/** What is counted of the customers that pay in one currency. */
interface Counts {
  customers: number
  of: Map<string, Seen>
  /** The kinds of parts that each customer buys, as numbers in the order in which kinds were met: pairs are counted of those kept at the end alone. */
  bought: number[][]
}

/** Takes one customer after another. */
export const basketGatherer = (asOf: Date) => {
  const byCurrency = new Map<string, Counts>()
  return {
    take: (bought: Pick<Purchases, 'lines' | 'currency'>): void => {
      const categories = categoriesOf(bought)
      if (bought.currency === null || categories.length === 0) return
      const held: Counts = byCurrency.get(bought.currency) ?? { customers: 0, of: new Map(), bought: [] }
      byCurrency.set(bought.currency, held)
      held.customers++
      const year = yearOf(bought, asOf)
      for (const category of categories) {
        const seen = held.of.get(category) ?? { place: held.of.size, buyers: 0, yearly: [], shares: [] }
        held.of.set(category, seen)
        seen.buyers++
        const spent = year?.of.get(category)
        if (year && spent) {
          seen.yearly.push(spent)
          seen.shares.push((100 * spent) / year.total)
        }
      }
      held.bought.push(categories.map((category) => held.of.get(category)!.place))
    },
    /** @returns null for fewer than fifty customers in one currency */
    learned: (): Omit<BasketsModel, 'version'> | null => {
      const [most] = [...byCurrency].sort(
        ([a, some], [b, others]) => others.customers - some.customers || (a < b ? -1 : 1),
      )
      if (!most || most[1].customers < CUSTOMERS_NEEDED) return null
      const [currency, { customers, of, bought }] = most
      const kept = [...of]
        .sort(([a, x], [b, y]) => y.buyers - x.buyers || (a < b ? -1 : 1))
        .slice(0, MOST_CATEGORIES)
      return {
        currency,
        rules: rulesOf(customers, of, pairsOf(bought, kept)),
        categories: Object.fromEntries(
          kept
            .filter(([, seen]) => seen.yearly.length >= LEAST_SUPPORT)
            .map(([category, seen]) => [category, spendOf(seen)]),
        ),
      }
    },
  }
}

const spendOf = ({ buyers, yearly, shares }: Seen): CategorySpend => {
  const sorted = [...shares].sort((a, b) => a - b)
  return {
    buyers,
    yearly: median(yearly).toFixed(2),
    shares: Array.from({ length: 9 }, (_, n) => Math.round(quantile(sorted, (n + 1) / 10) * 100) / 100),
  }
}

/** How many buy both of each two kinds, by the one that comes first in the alphabet. */
const pairsOf = (
  bought: readonly (readonly number[])[],
  kept: readonly (readonly [category: string, seen: Seen])[],
): Map<string, Map<string, number>> => {
  const nameAt = new Map(kept.map(([category, { place }]) => [place, category]))
  const pairs = new Map<string, Map<string, number>>()
  for (const places of bought) {
    const names = places.flatMap((place) => nameAt.get(place) ?? [])
    for (const [n, first] of names.entries()) {
      const along = pairs.get(first) ?? new Map<string, number>()
      pairs.set(first, along)
      for (const other of names.slice(n + 1)) along.set(other, (along.get(other) ?? 0) + 1)
    }
  }
  return pairs
}

/** Rules that chance does not explain: by the test of two shares, with the false ones among them kept to 1 in 20 (Benjamini and Hochberg 1995). */
const rulesOf = (
  customers: number,
  of: ReadonlyMap<string, Seen>,
  pairs: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Rule[] => {
  const found = [...pairs].flatMap(([a, others]) =>
    [...others].map(([b, both]) => {
      const [x, y] = [of.get(a)!.buyers, of.get(b)!.buyers]
      const expected = (x * y) / customers
      // The variance of the number of both, were the two bought independently: a hypergeometric distribution's.
      const variance =
        (expected * (customers - x) * (customers - y)) / (customers * Math.max(1, customers - 1))
      const p =
        variance > 0 && both > expected ? beyondNormal((both - expected) / Math.sqrt(variance)) / 2 : 1
      return { a, b, both, x, y, lift: both / expected, p }
    }),
  )
  const tested = found.sort((a, b) => a.p - b.p || (a.a + a.b < b.a + b.b ? -1 : 1))
  const last = tested.findLastIndex(({ p }, n) => p <= (FALSE_RULES * (n + 1)) / tested.length)
  return tested
    .slice(0, last + 1)
    .filter(({ both }) => both >= LEAST_SUPPORT)
    .flatMap(({ a, b, both, x, y, lift }) => [rule(a, b, both, x, lift), rule(b, a, both, y, lift)])
    .slice(0, MOST_RULES)
}

const rule = (because: string, category: string, both: number, buyers: number, lift: number): Rule => ({
  ...{ because, category, support: both, lift: Math.round(lift * 100) / 100 },
  confidence: Math.round(wilson(both, buyers).low * 10_000) / 100,
})
