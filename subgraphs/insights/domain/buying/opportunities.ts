/** What else a customer may want to buy: kinds of parts that others buy along with its own, and more of what it buys. */
import type { Method } from '../findings.ts'
import { earliest } from '../measuring.ts'
import { quantile, shareBelow } from '../statistics/quantiles.ts'
import { type BasketsModel, categoriesOf, yearOf } from './baskets.ts'
import { monthEnd } from './behaviour.ts'
import { purchasesOf } from './purchases.ts'
import { reliance } from './reliance.ts'

export interface Opportunity {
  type: 'UPSELL' | 'CROSS_SELL'
  category: string
  /** In a year, as decimal text. */
  value: string
  because: string | null
  support: number
  lift: number | null
  confidence: number
}

export interface Opportunities {
  currency: string
  modelVersion: number
  /** The most valuable first. */
  list: Opportunity[]
}

export const OPPORTUNITY_METHODS = { UPSELL: 'share-of-spend@1', CROSS_SELL: 'category-lift@1' } as const

const MOST = 5
/** Whose share of a kind of part is below that of three in four of its buyers, may want more. */
const LITTLE = 25
const HUNDRED = 100

export const opportunities: Method<Opportunities> = {
  find: (known, { settings: { health }, models: { baskets: model } }) => {
    const bought = model && purchasesOf(known)
    if (!bought || bought.currency !== model.currency || bought.lines.length === 0)
      return { value: null, dueAt: null }
    const relied = reliance(bought.systems.length, health.ceilings)
    const own = categoriesOf(bought)
    const list = [...others(own, model), ...more(yearOf(bought, known.asOf), model)]
      .map(({ likely, ...each }) => ({ ...each, confidence: relied.byCount(each.support, likely) }))
      .sort((a, b) => worth(b) - worth(a) || (a.type + a.category < b.type + b.category ? -1 : 1))
      .slice(0, MOST)
    return {
      value: list.length > 0 ? { currency: model.currency, modelVersion: model.version, list } : null,
      dueAt: earliest([monthEnd(known.asOf, bought.list.at(-1)!.day, 13)]),
    }
  },
}

/** What it is worth, were as many to come true as can be relied on. */
const worth = ({ value, confidence }: Opportunity): number => Number(value) * confidence

/** An opportunity with how likely it is, 0 to 1, before it is weighed by how much it was learned from. */
type Possible = Omit<Opportunity, 'confidence'> & { likely: number }

/** Kinds that it does not buy, each by the rule that can be relied on most. */
const others = (own: readonly string[], { rules, categories }: BasketsModel): Possible[] => {
  const buys = new Set(own)
  const best = new Map<string, BasketsModel['rules'][number]>()
  for (const rule of rules) {
    if (!buys.has(rule.because) || buys.has(rule.category)) continue
    const held = best.get(rule.category)
    if (
      !held ||
      rule.confidence > held.confidence ||
      (rule.confidence === held.confidence && rule.because < held.because)
    )
      best.set(rule.category, rule)
  }
  return [...best.values()].flatMap(({ category, because, support, lift, confidence }) => {
    const spend = categories[category]
    return spend
      ? [
          {
            type: 'CROSS_SELL' as const,
            category,
            value: spend.yearly,
            because,
            support,
            lift,
            likely: confidence / HUNDRED,
          },
        ]
      : []
  })
}

/** Kinds that it spends less of its money on than others do. */
const more = (year: ReturnType<typeof yearOf>, { categories }: BasketsModel): Possible[] =>
  [...(year?.of ?? [])].flatMap(([category, spent]) => {
    const spend = categories[category]
    if (!year || !spend) return []
    const share = (HUNDRED * spent) / year.total
    const middle = quantile(spend.shares, 0.5)
    // Their deciles say how many of the others give it a larger share: that many would be like it, did it give as much as half of them.
    const larger = HUNDRED * (1 - shareBelow(spend.shares, share))
    if (larger <= HUNDRED - LITTLE) return []
    const value = ((middle - share) / HUNDRED) * year.total
    return value < 0.005
      ? []
      : [
          {
            ...{ type: 'UPSELL' as const, category, value: value.toFixed(2), because: null },
            ...{ support: spend.buyers, lift: null, likely: larger / HUNDRED },
          },
        ]
  })
