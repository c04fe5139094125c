import type { KnownProperty } from './catalog.ts'
import { ENGAGEMENT_PROPERTIES } from './engagement.ts'
import { MAPPED_TYPES, type MappedType } from './hub-fields.ts'
import { type Overrides, propertiesOfMapping } from './mapping.ts'
import { type Catalog, type JudgedField, judgeMappings, type ProblemCode } from './mapping-problems.ts'
import { NEVER_TAKEN } from './secrets.ts'

/** Properties we ask for by name even where they begin like HubSpot's own bookkeeping. */
const WANTED = new Set([
  'hs_merged_object_ids',
  'hs_additional_domains',
  'hs_additional_emails',
  'hs_parent_company_id',
  'hs_last_sales_activity_timestamp',
  'hs_lead_status',
  'hs_is_closed',
  'hs_is_closed_won',
  'hs_pipeline',
  'hs_pipeline_stage',
  'hs_ticket_priority',
  'hs_ticket_category',
  ...ENGAGEMENT_PROPERTIES,
])

// Everything a portal's people have made, and of HubSpot's own bookkeeping what we know a use for.
const isReadAnyway = ({ name }: KnownProperty): boolean => !name.startsWith('hs_') || WANTED.has(name)

/** What is wrong when a property is there, and says something else than it did. */
const UNFIT: ReadonlySet<string> = new Set(['WRONG_TYPE', 'OPTION_GONE'] satisfies ProblemCode[])

/** Why a field waits, and since when. */
export interface PausedField {
  code: string
  property: string | null
  since: string
}

/** What follows from a portal's properties and somebody's mappings for one kind of record. */
export interface ReadingPlan {
  judged: readonly JudgedField[]
  /** Properties whose values are to be read, sorted. */
  read: string[]
  paused: Record<string, PausedField>
  /** Fields that wait from now on, and that did until now. */
  newlyPaused: string[]
  resumed: string[]
  /** Whether records have to be read anew: a mapped property was never read, or not while it waited. */
  readsAgain: boolean
}

/**
 * Decides what to read of a kind of record. A property that changed its type, or lost an option that is mapped, is not read while all that comes from it waits:
 * what was last read of it stays, and so does what the hub shows. Pure.
 * @param wasRead properties whose values were read until now
 */
export const planReading = (
  type: string,
  overrides: Overrides,
  catalog: Catalog,
  before: { wasRead: ReadonlySet<string>; paused: Readonly<Record<string, PausedField>> },
  at: Date,
): ReadingPlan => {
  const live = [...catalog.values()].filter(({ name, isArchived }) => !isArchived && !NEVER_TAKEN.has(name))
  if (!isMapped(type)) {
    const read = live.filter(isReadAnyway).map(({ name }) => name)
    return { judged: [], read: read.sort(), paused: {}, newlyPaused: [], resumed: [], readsAgain: false }
  }
  const judged = judgeMappings(type, overrides, catalog)
  const waiting = judged.filter(({ state }) => state === 'PAUSED')
  const working = new Set(
    judged.filter(({ state }) => state === 'ACTIVE').flatMap(({ mapping }) => mapping.properties),
  )
  const unfit = new Set(
    waiting.flatMap(({ problems }) =>
      problems.flatMap(({ code, blocks, property }) =>
        UNFIT.has(code) && blocks && property !== null && !working.has(property) ? [property] : [],
      ),
    ),
  )
  const mapped = new Set(propertiesOfMapping(type, overrides))
  const read = live
    .filter((property) => !unfit.has(property.name) && (isReadAnyway(property) || mapped.has(property.name)))
    .map(({ name }) => name)
    .sort()
  const paused = Object.fromEntries(
    waiting.map(({ field, problems }) => {
      const { code, property } = problems.find(({ blocks }) => blocks)!
      return [field, { code, property, since: before.paused[field]?.since ?? at.toISOString() }]
    }),
  )
  return {
    judged,
    read,
    paused,
    newlyPaused: Object.keys(paused).filter((field) => !before.paused[field]),
    resumed: Object.keys(before.paused).filter((field) => !paused[field]),
    readsAgain: read.some((name) => mapped.has(name) && !before.wasRead.has(name)),
  }
}

const isMapped = (type: string): type is MappedType => (MAPPED_TYPES as readonly string[]).includes(type)
