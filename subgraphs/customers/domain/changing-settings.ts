import { flawInKeeping, type KeepingFlaw } from '#schema/events.ts'
import type { InclusionRule, Settings } from './settings.ts'
import { flawInKinds } from './timeline-settings.ts'

const MOST_RULES = 50
const MOST_VALUES = 100
const LONGEST_VALUE = 200
/** Kinds of record that rules may be about. */
export const RULED_TYPES = ['companies', 'contacts', 'deals', 'tickets']

/** A change as somebody asks for it: null is the same as left out. */
export type AskedSettings = { [key in Exclude<keyof Settings, 'inclusion'>]?: Settings[key] | null } & {
  inclusion?: AskedRule[] | null
}

/** A rule as somebody asks for it. */
export type AskedRule = Omit<InclusionRule, 'property'> & { property?: string | null }

/** @returns the change, cleaned; or what is wrong with it */
export const readSettings = (asked: AskedSettings): Partial<Settings> | KeepingFlaw => {
  const given = Object.fromEntries(
    Object.entries(asked).filter(([, value]) => value !== null && value !== undefined),
  ) as Partial<Settings>
  if (given.name !== undefined) given.name = given.name.trim()
  const flaw = flawInKeeping(given)
  if (flaw) return flaw
  if (given.timelineKinds) {
    const unknown = flawInKinds(given.timelineKinds)
    if (unknown) return { field: 'timelineKinds', message: unknown }
    given.timelineKinds = [...new Set(given.timelineKinds)].sort()
  }
  if (!asked.inclusion) return given
  const fault = ruleFault(asked.inclusion)
  return fault ? { field: 'inclusion', message: fault } : { ...given, inclusion: asked.inclusion.map(tidied) }
}

/** A rule as it is kept. */
export const tidied = ({ type, by, property, values }: AskedRule): InclusionRule => ({
  type,
  by,
  property: by === 'PROPERTY' ? (property ?? null) : null,
  values: [...new Set(values.map((value) => value.trim()))],
})

/** What is wrong with rules, as a sentence; undefined when nothing is. */
export const ruleFault = (rules: readonly AskedRule[]): string | undefined => {
  if (rules.length > MOST_RULES) return `There are at most ${MOST_RULES} rules.`
  for (const { type, by, property, values } of rules) {
    if (!RULED_TYPES.includes(type)) return `Rules are about ${RULED_TYPES.join(', ')}.`
    if (by === 'PIPELINE' && type !== 'deals' && type !== 'tickets')
      return 'Only deals and tickets are in a pipeline.'
    if (by === 'LIFECYCLE_STAGE' && type !== 'companies' && type !== 'contacts')
      return 'Only companies and contacts have a lifecycle stage.'
    if (by === 'PROPERTY' && !/^[a-z][a-z0-9_]{0,99}$/.test(property ?? ''))
      return 'A rule about a property names it as HubSpot does, such as hs_lead_status.'
    if (by !== 'PROPERTY' && property) return 'Only a rule about a property names one.'
    const sound = values
      .map((value) => value.trim())
      .filter((value) => value.length > 0 && value.length <= LONGEST_VALUE)
    if (values.length === 0 || values.length > MOST_VALUES || sound.length < values.length)
      return `A rule has one to ${MOST_VALUES} values of at most ${LONGEST_VALUE} letters.`
  }
  return undefined
}

/** Whether a change says something that was not so. */
export const isChange = (before: Settings, change: Partial<Settings>): boolean =>
  Object.entries(change).some(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key as keyof Settings]),
  )
