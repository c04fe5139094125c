import type { InsightsSettings, MutationResolvers, QueryResolvers } from '#schema/generated/insights.types.ts'
import { isRefusal } from '#service/refusal.ts'
import { setInsightsSettings } from '../commands/set-insights-settings.ts'
import { factorNames } from '../domain/churn-factors.ts'
import type { DetectorSettings } from '../domain/detector-settings.ts'
import { detectorNames, detectors } from '../domain/detectors.ts'
import type { EnrichmentSettings } from '../domain/enrichment-settings.ts'
import type { HealthSettings, HealthWeights } from '../domain/health-settings.ts'
import type { LeadSettings } from '../domain/lead-settings.ts'
import { metrics } from '../domain/metrics.ts'
import type { RiskSettings } from '../domain/risk-settings.ts'
import { changedParts, settingsOf } from '../domain/settings.ts'
import { type HeldSettings, heldSettings } from '../store/settings.ts'
import { shownRecompute } from './recompute.ts'
import { shownKinds } from './signals.ts'

/** Settings as the graph shows them. */
const shown = ({ version, changedAt, document }: HeldSettings): InsightsSettings => ({
  version,
  changedAt,
  changed: changedParts(document),
  health: shownHealth(settingsOf(document).health),
  enrichment: shownEnrichment(settingsOf(document).enrichment),
  detectors: shownDetectors(settingsOf(document).detectors),
  insightRules: [...settingsOf(document).rules],
  signalKinds: shownKinds(),
  risk: shownRisk(settingsOf(document).risk),
  leads: shownLeads(settingsOf(document).leads),
})

const shownHealth = ({ weights, segments, metrics: held, ceilings, steadyWithin }: HealthSettings) => ({
  weights: shownWeights(weights),
  segments: segments.map((segment) => ({
    name: segment.name,
    lifecycleStages: [...segment.lifecycleStages],
    weights: shownWeights(segment.weights),
  })),
  metrics: metrics.map(({ name, dimension, description, unit, isExtra = false }) => {
    const { weight, knots } = held[name]!
    return {
      ...{ metric: name, dimension, description, unit, isExtra, weight: `${weight}` },
      knots: knots.map(([value, score]) => ({ value: `${value}`, score: `${score}` })),
    }
  }),
  ceilings: { oneSystem: `${ceilings[0]}`, twoSystems: `${ceilings[1]}`, moreSystems: `${ceilings[2]}` },
  steadyWithin: `${steadyWithin}`,
})

const shownEnrichment = ({ providers, ...rest }: EnrichmentSettings) => ({
  ...rest,
  providers: [...providers],
})

const shownRisk = ({ leak, factors }: RiskSettings) => ({
  leak: `${leak}`,
  factors: factorNames.map((factor) => ({ factor, probability: `${factors[factor]}` })),
})

const shownLeads = ({ weights, halfLifeDays, ideal }: LeadSettings) => ({
  weights: {
    ...{ financial: `${weights.FINANCIAL}`, growth: `${weights.GROWTH}` },
    ...{ engagement: `${weights.ENGAGEMENT}`, fit: `${weights.FIT}` },
  },
  halfLifeDays,
  ideal: { ...ideal, industries: [...ideal.industries], countries: [...ideal.countries] },
})

const shownWeights = ({ CRM, PAYMENT, USAGE, SUPPORT }: HealthWeights) => ({
  ...{ crm: `${CRM}`, payment: `${PAYMENT}`, usage: `${USAGE}`, support: `${SUPPORT}` },
})

const shownDetectors = ({ detectors: held, impact, restDays, forgetDays, validDays }: DetectorSettings) => ({
  detectors: detectorNames.map((name) => {
    const { type, title, description, version: methodVersion, thresholds } = detectors[name]
    const { isOn, thresholds: bounds } = held[name]
    return {
      ...{ name, type, title, description, isOn, methodVersion },
      thresholds: Object.entries(thresholds).map(([bound, { unit }]) => ({
        ...{ name: bound, value: `${bounds[bound]}`, unit },
      })),
    }
  }),
  impact: { medium: `${impact[0]}`, high: `${impact[1]}`, critical: `${impact[2]}` },
  ...{ restDays, forgetDays, validDays },
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
