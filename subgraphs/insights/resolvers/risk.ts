import type { RiskAssessment, RiskFactor } from '#schema/generated/insights.types.ts'
import type { Context } from '../context.ts'
import type { ChurnFactor } from '../domain/churn.ts'
import { bandOf } from '../domain/confidence.ts'
import { impactOf, type Risk } from '../domain/risk.ts'

const shown = ({ paymentRisk, volumeStability, relationshipStrength, confidence }: Risk): RiskAssessment => {
  const say = (value: number | null) => (value === null ? null : value.toFixed(1))
  return {
    paymentRisk: say(paymentRisk),
    volumeStability: say(volumeStability),
    relationshipStrength: say(relationshipStrength),
    confidence: `${confidence}`,
    band: bandOf(confidence),
  }
}

const shownFactor = ({ name, alone, points }: ChurnFactor): RiskFactor => ({
  ...{ type: name, probability: `${alone}`, impact: impactOf(points) },
})

export const riskOfCustomer = {
  riskAssessment: async ({ id }: { id: string }, _: unknown, ctx: Context) => {
    const found = (await ctx.findings.load(id))?.values.risk
    return found ? shown(found) : null
  },
  riskFactors: async ({ id }: { id: string }, _: unknown, ctx: Context) =>
    ((await ctx.findings.load(id))?.values.churn?.factors ?? []).map(shownFactor),
}
