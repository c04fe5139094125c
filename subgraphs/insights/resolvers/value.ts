import type { CustomerResolvers, PredictedSpend } from '#schema/generated/insights.types.ts'
import type { Horizon } from '../domain/buying/value.ts'
import { relied } from './relied.ts'

const shown = ({ expected, low, high, purchases }: Horizon, currency: string): PredictedSpend => ({
  expected: { amount: expected, currency },
  low: { amount: low, currency },
  high: { amount: high, currency },
  purchases,
})

export const valueFields: Pick<CustomerResolvers, 'predictedLtv' | 'nextOrder'> = {
  predictedLtv: async ({ id }, _args, ctx) => {
    const { value, buying } = (await ctx.findings.load(id!))?.values ?? {}
    if (!value || !buying) return null
    return {
      next12Months: shown(value.year, value.currency),
      next36Months: shown(value.threeYears, value.currency),
      probabilityAlive: `${value.alive}`,
      ...{ asOf: value.on, evidence: buying.evidence, modelVersion: value.modelVersion },
      ...relied(value, value.method),
    }
  },
  nextOrder: async ({ id }, _args, ctx) => {
    const { nextOrder, buying } = (await ctx.findings.load(id!))?.values ?? {}
    if (!nextOrder || !buying) return null
    const { method, ...when } = nextOrder
    return { ...when, evidence: buying.evidence, ...relied(nextOrder, method) }
  },
}
