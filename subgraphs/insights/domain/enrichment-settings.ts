import type { OutsideProvider, Provider } from './enrichment.ts'
import type { Flaw } from './flaw.ts'

/** When customers are written about, and who may be asked. */
export interface EnrichmentSettings {
  /** Whether by themselves, when what is known of them changes. */
  automatic: boolean
  /** Beside the hub's own rules. */
  providers: readonly OutsideProvider[]
  refreshDays: number
  mostPerMinute: number
  /** Calls to each provider in a day, in UTC. */
  callsPerDay: number
  /** US dollars, for all providers. */
  costPerDay: string
}

/** As the hub has it: nobody is asked, and nothing is written, before somebody says so. */
export const ENRICHMENT_SETTINGS: EnrichmentSettings = {
  automatic: false,
  providers: [],
  refreshDays: 30,
  mostPerMinute: 600,
  callsPerDay: 1000,
  costPerDay: '10',
}

/** A change as somebody asks for it; what is null or left out stays. */
export interface AskedEnrichmentSettings {
  automatic?: boolean | null | undefined
  providers?: readonly Provider[] | null | undefined
  refreshDays?: number | null | undefined
  mostPerMinute?: number | null | undefined
  callsPerDay?: number | null | undefined
  costPerDay?: string | null | undefined
}

const NUMBERS = {
  refreshDays: [1, 365],
  mostPerMinute: [1, 10_000],
  callsPerDay: [0, 1_000_000],
} as const
const MOST_COST = 1_000_000
const MONEY = /^\d{1,7}(\.\d{1,6})?$/

/** @returns what an organisation then says itself, or what is wrong with the change */
export const changeEnrichment = (
  own: Partial<EnrichmentSettings>,
  asked: AskedEnrichmentSettings,
): Partial<EnrichmentSettings> | Flaw => {
  const changed: Partial<EnrichmentSettings> = { ...own }
  if (typeof asked.automatic === 'boolean') changed.automatic = asked.automatic
  if (asked.providers)
    changed.providers = (['RESEARCH', 'MODEL'] as const).filter((name) => asked.providers!.includes(name))
  for (const [name, [least, most]] of Object.entries(NUMBERS) as [keyof typeof NUMBERS, [number, number]][]) {
    const value = asked[name]
    if (typeof value !== 'number') continue
    if (!Number.isInteger(value) || value < least || value > most)
      return { field: `enrichment.${name}`, problem: `is a whole number from ${least} to ${most}` }
    changed[name] = value
  }
  if (typeof asked.costPerDay === 'string') {
    if (!MONEY.test(asked.costPerDay) || Number(asked.costPerDay) > MOST_COST)
      return { field: 'enrichment.costPerDay', problem: `is an amount from 0 to ${MOST_COST}, to six places` }
    changed.costPerDay = asked.costPerDay
  }
  return changed
}
