import type { Direction, Frequency } from '#schema/events.ts'
import { timelineKindsOf } from './timeline-settings.ts'

export {
  allows,
  type Direction,
  EVERY_TYPE,
  everyMs,
  type Frequency,
  isPaused,
  type Pause,
} from '#schema/events.ts'

/** Kinds of record that can be paused by themselves. */
export const PAUSABLE: readonly string[] = ['companies', 'contacts', 'deals', 'tickets', 'tasks', 'notes']

/**
 * One condition on records of a type. Rules of one type all have to hold; a type without rules takes part as a whole.
 * `list` names a HubSpot list, `property` one of the record's properties.
 */
export interface InclusionRule {
  type: string
  by: 'LIST' | 'PIPELINE' | 'LIFECYCLE_STAGE' | 'PROPERTY'
  property: string | null
  values: string[]
}

/** The property that a rule looks at. */
export const propertyOf = (rule: InclusionRule): string => {
  if (rule.by === 'LIFECYCLE_STAGE') return 'lifecyclestage'
  if (rule.by === 'PIPELINE') return rule.type === 'tickets' ? 'hs_pipeline' : 'pipeline'
  return rule.property ?? ''
}

/** Types that have to be asked about lists. */
export const listedTypes = (rules: readonly InclusionRule[]): Set<string> =>
  new Set(rules.filter((rule) => rule.by === 'LIST').map((rule) => rule.type))

/** The properties that the rules of a type look at. */
export const propertiesOfRules = (rules: readonly InclusionRule[], type: string): string[] =>
  rules.filter((rule) => rule.type === type && rule.by !== 'LIST').map(propertyOf)

/** Whether a record takes part, by what HubSpot says of it. @param lists the record is in */
export const takesPart = (
  rules: readonly InclusionRule[],
  type: string,
  values: Readonly<Record<string, unknown>>,
  lists: readonly string[] = [],
): boolean =>
  rules
    .filter((rule) => rule.type === type)
    .every((rule) => {
      if (rule.by === 'LIST') return rule.values.some((wanted) => lists.includes(wanted))
      const value = values[propertyOf(rule)]
      const said = value === null || value === undefined ? [] : String(value).split(';')
      return rule.values.some((wanted) => said.includes(wanted))
    })

/** How a connection is kept in step, as it is changed. */
export interface Settings {
  name: string
  direction: Direction
  frequency: Frequency
  autoEnrich: boolean
  autoScore: boolean
  autoAssign: boolean
  autoCreateTasks: boolean
  autoCreateDeals: boolean
  /** Whether requests for prices are linked to the only open deal of their customer. */
  autoLinkRfqs: boolean
  /** Whether street addresses for emergency calls may go to the portal. */
  sendsAddresses: boolean
  inclusion: InclusionRule[]
  /** The kinds of event that are told on timelines by themselves. */
  timelineKinds: string[]
  /** Of a hundred records of a kind, how many a sync may delete or change before somebody has to let it go on. */
  deletePercent: number
  changePercent: number
}

/** A connection's settings as its row has them. */
export interface HeldSettings {
  name: string
  direction: Direction
  frequency: Frequency
  auto_enrich: boolean
  auto_score: boolean
  auto_assign: boolean
  auto_create_tasks: boolean
  auto_create_deals: boolean
  auto_link_rfqs: boolean
  sends_addresses: boolean
  inclusion: InclusionRule[]
  /** Null: as long as nobody has said, those of the catalogue. */
  timeline_kinds: string[] | null
  delete_percent: number
  change_percent: number
}

export const settingsOf = (row: HeldSettings): Settings => ({
  name: row.name,
  direction: row.direction,
  frequency: row.frequency,
  autoEnrich: row.auto_enrich,
  autoScore: row.auto_score,
  autoAssign: row.auto_assign,
  autoCreateTasks: row.auto_create_tasks,
  autoCreateDeals: row.auto_create_deals,
  autoLinkRfqs: row.auto_link_rfqs,
  sendsAddresses: row.sends_addresses,
  inclusion: row.inclusion,
  timelineKinds: [...timelineKindsOf(row)],
  deletePercent: row.delete_percent,
  changePercent: row.change_percent,
})
