/**
 * settings   how an organisation judges its customers, part by part
 * document   what it says itself, and what is kept; for the rest the hub's own holds, also when that becomes another
 *
 * A part is added in four places: here, in the SDL (schema/insights/settings.graphql), in the event `insights.settings.changed`, and in
 * resolvers/settings.ts, which shows it.
 */
import { isDeepStrictEqual } from 'node:util'
import {
  type AskedDetectorSettings,
  changeDetectors,
  DETECTOR_SETTINGS,
  type DetectorSettings,
  detectorSettingsOf,
  type InsightRule,
  type OwnDetectorSettings,
  readRules,
} from './detector-settings.ts'
import {
  type AskedEnrichmentSettings,
  changeEnrichment,
  ENRICHMENT_SETTINGS,
  type EnrichmentSettings,
} from './enrichment-settings.ts'
import { type Flaw, isFlaw } from './flaw.ts'
import {
  type AskedHealthSettings,
  changeHealth,
  HEALTH_SETTINGS,
  type HealthSettings,
  healthSettingsOf,
  type OwnHealthSettings,
} from './health-settings.ts'
import {
  type AskedLeadSettings,
  changeLeads,
  LEAD_SETTINGS,
  type LeadSettings,
  leadSettingsOf,
  type OwnLeadSettings,
} from './lead-settings.ts'
import {
  type AskedRiskSettings,
  changeRisk,
  type OwnRiskSettings,
  RISK_SETTINGS,
  type RiskSettings,
  riskSettingsOf,
} from './risk-settings.ts'

/** Everything by which customers are judged, and written about. */
export interface Settings {
  health: HealthSettings
  enrichment: EnrichmentSettings
  detectors: DetectorSettings
  /** Which insights become something to do without anybody asking. */
  rules: readonly InsightRule[]
  risk: RiskSettings
  leads: LeadSettings
}

/** What an organisation says itself. */
export interface SettingsDocument {
  health?: OwnHealthSettings
  enrichment?: Partial<EnrichmentSettings>
  detectors?: OwnDetectorSettings
  rules?: readonly InsightRule[]
  risk?: OwnRiskSettings
  leads?: OwnLeadSettings
}

export type SettingsPart = 'HEALTH' | 'ENRICHMENT' | 'DETECTORS' | 'INSIGHT_RULES' | 'RISK' | 'LEADS'

/** A change as somebody asks for it; what is null or left out stays. */
export interface AskedSettings {
  /** Parts that are given back to the hub first. */
  reset?: readonly SettingsPart[] | null | undefined
  health?: AskedHealthSettings | null | undefined
  enrichment?: AskedEnrichmentSettings | null | undefined
  detectors?: AskedDetectorSettings | null | undefined
  insightRules?: Parameters<typeof readRules>[0] | null | undefined
  risk?: AskedRiskSettings | null | undefined
  leads?: AskedLeadSettings | null | undefined
}

/** The version of settings that nobody has changed. */
export const FIRST_SETTINGS = 1

export const HUB_SETTINGS: Settings = {
  health: HEALTH_SETTINGS,
  enrichment: ENRICHMENT_SETTINGS,
  detectors: DETECTOR_SETTINGS,
  rules: [],
  risk: RISK_SETTINGS,
  leads: LEAD_SETTINGS,
}

const partNames = {
  HEALTH: 'health',
  ENRICHMENT: 'enrichment',
  DETECTORS: 'detectors',
  INSIGHT_RULES: 'rules',
  RISK: 'risk',
  LEADS: 'leads',
} as const satisfies Record<SettingsPart, keyof SettingsDocument>

/** What holds for an organisation that says this itself. */
export const settingsOf = (document: SettingsDocument): Settings => ({
  health: document.health ? healthSettingsOf(document.health) : HUB_SETTINGS.health,
  enrichment: { ...HUB_SETTINGS.enrichment, ...document.enrichment },
  detectors: document.detectors ? detectorSettingsOf(document.detectors) : HUB_SETTINGS.detectors,
  rules: document.rules ?? HUB_SETTINGS.rules,
  risk: document.risk ? riskSettingsOf(document.risk) : HUB_SETTINGS.risk,
  leads: document.leads ? leadSettingsOf(document.leads) : HUB_SETTINGS.leads,
})

/** The parts of which an organisation says something itself. */
export const changedParts = (document: SettingsDocument): SettingsPart[] =>
  (Object.keys(partNames) as SettingsPart[]).filter((part) => document[partNames[part]] !== undefined)

/** @returns what the organisation then says itself, or what is wrong with the change */
export const changeSettings = (document: SettingsDocument, asked: AskedSettings): SettingsDocument | Flaw => {
  const changed: SettingsDocument = { ...document }
  for (const part of asked.reset ?? []) delete changed[partNames[part]]
  if (asked.health) {
    const health = changeHealth(changed.health ?? {}, asked.health)
    if (isFlaw(health)) return health
    if (Object.keys(health).length > 0) changed.health = health
  }
  if (asked.enrichment) {
    const enrichment = changeEnrichment(changed.enrichment ?? {}, asked.enrichment)
    if (isFlaw(enrichment)) return enrichment
    if (Object.keys(enrichment).length > 0) changed.enrichment = enrichment
  }
  if (asked.detectors) {
    const detectors = changeDetectors(changed.detectors ?? {}, asked.detectors)
    if (isFlaw(detectors)) return detectors
    if (Object.keys(detectors).length > 0) changed.detectors = detectors
  }
  if (asked.insightRules) {
    const rules = readRules(asked.insightRules)
    if ('problem' in rules) return rules
    if (rules.length > 0) changed.rules = rules
    else delete changed.rules
  }
  if (asked.risk) {
    const risk = changeRisk(changed.risk ?? {}, asked.risk)
    if (isFlaw(risk)) return risk
    if (Object.keys(risk).length > 0) changed.risk = risk
  }
  if (asked.leads) {
    const leads = changeLeads(changed.leads ?? {}, asked.leads)
    if (isFlaw(leads)) return leads
    if (Object.keys(leads).length > 0) changed.leads = leads
  }
  return changed
}

/** Whether customers are judged otherwise by one than by the other: how they are written about judges nobody. */
export const judgesOtherwise = (before: SettingsDocument, after: SettingsDocument): boolean => {
  const { enrichment: _, ...was } = before
  const { enrichment: __, ...is } = after
  return !isDeepStrictEqual(was, is)
}
