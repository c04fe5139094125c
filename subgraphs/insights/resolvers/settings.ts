import type { InsightsSettings, MutationResolvers, QueryResolvers } from '#schema/generated/insights.types.ts'
import { isRefusal } from '#service/refusal.ts'
import { setInsightsSettings } from '../commands/set-insights-settings.ts'
import type { EnrichmentSettings } from '../domain/enrichment-settings.ts'
import type { HealthSettings, HealthWeights } from '../domain/health-settings.ts'
import { metrics } from '../domain/metrics.ts'
import { changedParts, settingsOf } from '../domain/settings.ts'
import { type HeldSettings, heldSettings } from '../store/settings.ts'
import { shownRecompute } from './recompute.ts'

/** Settings as the graph shows them. */
const shown = ({ version, changedAt, document }: HeldSettings): InsightsSettings => ({
  version,
  changedAt,
  changed: changedParts(document),
  health: shownHealth(settingsOf(document).health),
  enrichment: shownEnrichment(settingsOf(document).enrichment),
})

const shownEnrichment = ({ providers, ...rest }: EnrichmentSettings) => ({
  ...rest,
  providers: [...providers],
})

const shownHealth = ({ weights, segments, metrics: held, ceilings }: HealthSettings) => ({
  weights: shownWeights(weights),
  segments: segments.map((segment) => ({
    name: segment.name,
    lifecycleStages: [...segment.lifecycleStages],
    weights: shownWeights(segment.weights),
  })),
  metrics: metrics.map(({ name, dimension, unit }) => {
    const { weight, knots } = held[name]!
    return {
      ...{ metric: name, dimension, unit, weight: `${weight}` },
      knots: knots.map(([value, score]) => ({ value: `${value}`, score: `${score}` })),
    }
  }),
  ceilings: { oneSystem: `${ceilings[0]}`, twoSystems: `${ceilings[1]}`, moreSystems: `${ceilings[2]}` },
})

const shownWeights = ({ CRM, PAYMENT, USAGE, SUPPORT }: HealthWeights) => ({
  ...{ crm: `${CRM}`, payment: `${PAYMENT}`, usage: `${USAGE}`, support: `${SUPPORT}` },
})

export const settingsQueries: Pick<QueryResolvers, 'insightsSettings'> = {
  insightsSettings: async (_, _args, ctx) =>
    shown(await ctx.db.read(ctx.orgId, (tx) => heldSettings(tx, ctx.orgId))),
}

export const settingsMutations: Pick<MutationResolvers, 'setInsightsSettings'> = {
  setInsightsSettings: async (_, ask, ctx) => {
    const set = await setInsightsSettings(ctx, ask)
    if (isRefusal(set)) return set
    const recompute = set.recompute && shownRecompute(set.recompute)
    return { __typename: 'InsightsSettingsSet', ...set, settings: shown(set.settings), recompute }
  },
}
