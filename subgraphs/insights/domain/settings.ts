/**
 * settings   how an organisation judges its customers, part by part
 * document   what it says itself, and what is kept; for the rest the hub's own holds, also when that becomes another
 *
 * A part is added in four places: here, in the SDL (schema/insights/settings.graphql), in the event `insights.settings.changed`, and in
 * resolvers/settings.ts, which shows it.
 */
import { isDeepStrictEqual } from 'node:util'
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

/** Everything by which customers are judged, and written about. */
export interface Settings {
  health: HealthSettings
  enrichment: EnrichmentSettings
}

/** What an organisation says itself. */
export interface SettingsDocument {
  health?: OwnHealthSettings
  enrichment?: Partial<EnrichmentSettings>
}

export type SettingsPart = 'HEALTH' | 'ENRICHMENT'

/** A change as somebody asks for it; what is null or left out stays. */
export interface AskedSettings {
  /** Parts that are given back to the hub first. */
  reset?: readonly SettingsPart[] | null | undefined
  health?: AskedHealthSettings | null | undefined
  enrichment?: AskedEnrichmentSettings | null | undefined
}

/** The version of settings that nobody has changed. */
export const FIRST_SETTINGS = 1

export const HUB_SETTINGS: Settings = { health: HEALTH_SETTINGS, enrichment: ENRICHMENT_SETTINGS }

const partNames = { HEALTH: 'health', ENRICHMENT: 'enrichment' } as const satisfies Record<
  SettingsPart,
  keyof SettingsDocument
>

/** What holds for an organisation that says this itself. */
export const settingsOf = (document: SettingsDocument): Settings => ({
  health: document.health ? healthSettingsOf(document.health) : HUB_SETTINGS.health,
  enrichment: { ...HUB_SETTINGS.enrichment, ...document.enrichment },
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
  return changed
}

/** Whether customers are judged otherwise by one than by the other: how they are written about judges nobody. */
export const judgesOtherwise = (before: SettingsDocument, after: SettingsDocument): boolean => {
  const { enrichment: _, ...was } = before
  const { enrichment: __, ...is } = after
  return !isDeepStrictEqual(was, is)
}
