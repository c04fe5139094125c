import type { BuyingBehavior, CustomerResolvers } from '#schema/generated/insights.types.ts'
import { BEHAVIOUR_METHODS, type Behaviour } from '../domain/buying/behaviour.ts'
import { relied } from './relied.ts'

/** How a customer buys, as the graph shows it. */
const shown = ({ frequency, value, trend, seasons, evidence }: Behaviour): BuyingBehavior => ({
  orderFrequency: {
    class: frequency.class,
    medianDays: asText(frequency.medianDays),
    regularity: asText(frequency.regularity),
    ...relied(frequency, BEHAVIOUR_METHODS.frequency),
  },
  avgOrderValue: value && {
    mean: { amount: value.mean, currency: value.currency },
    median: { amount: value.median, currency: value.currency },
    ...{ purchases: value.purchases, leftOut: value.leftOut },
    ...relied(value, BEHAVIOUR_METHODS.value),
  },
  growthTrend: trend && {
    ...{ direction: trend.direction, percentPerYear: asText(trend.percentPerYear) },
    ...{ periods: trend.periods, grain: trend.grain },
    ...relied(trend, BEHAVIOUR_METHODS.trend),
  },
  seasonalPatterns: seasons && {
    ...{ isSeasonal: seasons.isSeasonal, years: seasons.years },
    ...{ months: seasons.months.map(period), quarters: seasons.quarters.map(period) },
    ...relied(seasons, BEHAVIOUR_METHODS.seasons),
  },
  evidence,
})

const asText = (value: number | null): string | null => (value === null ? null : `${value}`)
const period = ([number, percent]: readonly [number, number]) => ({ number, percentOfAverage: `${percent}` })

export const buyingFields: Pick<CustomerResolvers, 'buyingBehavior'> = {
  buyingBehavior: async ({ id }, _args, ctx) => {
    const buying = (await ctx.findings.load(id!))?.values.buying
    return buying ? shown(buying) : null
  },
}
