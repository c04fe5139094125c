import type {
  ComponentResolvers,
  RfqLineResolvers,
  SupplyRiskResolvers,
} from '#schema/generated/inventory.types.ts'
import { today } from '#service/noticing.ts'
import { alternativesFor } from '../domain/alternatives.ts'
import { refuseAlternatives, refuseServiceLevel } from '../domain/asking.ts'
import { priceBasisOf, priceFrom, risksFor, stockAdviceFor } from '../domain/part-advice.ts'
import { asStock } from '../store/components.ts'

/** What can be advised about a part. */
export const componentAdvice: Pick<ComponentResolvers, 'alternatives' | 'stockAdvice' | 'supplyRisks'> = {
  alternatives: async (asked, { quantity, first }, ctx) => {
    refuseAlternatives(quantity, first)
    const ids = (await ctx.standIns.load(asked.id)) ?? []
    const parts = (await ctx.components.loadMany(ids)).filter((part) => part !== null)
    const byId = new Map(parts.map((part) => [part.id, part]))
    return alternativesFor(asStock(asked), parts.map(asStock), quantity)
      .slice(0, first)
      .map(({ candidate, saving, ...rest }) => ({
        ...rest,
        component: byId.get(candidate.id)!,
        saving:
          saving === null || asked.currency === null ? null : { amount: saving, currency: asked.currency },
      }))
  },

  stockAdvice: async ({ id }, { serviceLevel }, ctx) => {
    refuseServiceLevel(serviceLevel)
    const facts = await ctx.partFacts.load(id)
    return facts && stockAdviceFor(facts, serviceLevel)
  },

  supplyRisks: async ({ id }, _, ctx) => {
    const facts = await ctx.partFacts.load(id)
    return facts ? risksFor(facts) : []
  },
}

export const SupplyRisk: SupplyRiskResolvers = {
  supplier: ({ supplierId }, _, ctx) => (supplierId ? ctx.suppliersOfC3.load(supplierId) : null),
}

/** What to ask for a line. */
export const lineAdvice: Pick<RfqLineResolvers, 'priceAdvice'> = {
  priceAdvice: async ({ componentId, rfqId, quantity }, _, ctx) => {
    const part = componentId ? await ctx.components.load(componentId) : null
    const rfq = await ctx.rfqs.load(rfqId)
    if (!part?.category || !rfq) return null
    const decided = (await ctx.decidedLines.load(part.category)) ?? []
    const daysOnShelf = (await ctx.shelfDays.load(part.id)) ?? 0
    const { id, family } = part
    const asked = { componentId: id, family, accountId: rfq.accountId, quantity, daysOnShelf }
    const basis = priceBasisOf(asked, asStock(part), rfq.currency, decided, today(ctx.clock))
    const advice = basis && priceFrom(basis)
    return advice && shown(advice, rfq.currency)
  },
}

const shown = (advice: NonNullable<ReturnType<typeof priceFrom>>, currency: string) => {
  const { markup, winChance, confidence, evidence } = advice
  const money = (amount: string) => ({ amount, currency })
  const percent = Math.round((markup - 1) * 100)
  return {
    ...{ unitPrice: money(advice.price), low: money(advice.lowPrice), high: money(advice.highPrice) },
    ...{ winChance, confidence, evidence },
    reasoning: `Past quotes of this part and its relatives, worth ${evidence.toFixed(1)} of the part itself, were taken most profitably at ${percent} % over cost.`,
  }
}
