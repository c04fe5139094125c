import type { LeadScore, BuyingSignal as ShownSignal } from '#schema/generated/insights.types.ts'
import type { Context } from '../context.ts'
import { type BuyingSignal, buyingSignalKinds } from '../domain/buying-signals.ts'
import { bandOf } from '../domain/confidence.ts'
import type { Lead } from '../domain/lead.ts'
import { leadMetrics } from '../domain/lead-metrics.ts'
import { leadPartNames } from '../domain/lead-settings.ts'

const metricOf = new Map(leadMetrics.map((metric) => [metric.name, metric]))

const shown = ({ score, confidence, parts, state, reasons, dealStage }: Lead): LeadScore => ({
  ...{ score: `${score}`, confidence: `${confidence}`, band: bandOf(confidence), state, dealStage },
  parts: leadPartNames.map((name) => {
    const found = parts.find((part) => part.name === name)
    return { name, score: found ? `${found.score}` : null, weight: `${found?.weight ?? 0}` }
  }),
  reasons: reasons.flatMap(({ metric, value, points }) => {
    // A metric that a later version of the hub no longer has is gone once the company is judged anew.
    const held = metricOf.get(metric)
    return held ? [{ metric, part: held.part, unit: held.unit, value: `${value}`, points: `${points}` }] : []
  }),
})

const shownSignal = ({ type, strength, seenAt, value, sources }: BuyingSignal): ShownSignal => {
  const { action, withinHours, unit } = buyingSignalKinds[type]
  return { type, strength, seenAt: new Date(seenAt), value: `${value}`, sources, action, withinHours, unit }
}

export const leadOfCustomer = {
  lead: async ({ id }: { id: string }, _: unknown, ctx: Context) => {
    const found = (await ctx.findings.load(id))?.values.lead
    return found ? shown(found) : null
  },
  buyingSignals: async ({ id }: { id: string }, _: unknown, ctx: Context) =>
    ((await ctx.findings.load(id))?.values.buyingSignals?.seen ?? []).map(shownSignal),
}
