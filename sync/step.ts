import { inSavepoint } from '#db/client.ts'
import { codeOf } from '#db/errors.ts'
import type { NewEvent } from '#events/outbox.ts'
import { isHubError } from '#kernel/errors.ts'
import { idFrom } from '#kernel/ids.ts'
import { applyPlan } from './apply.ts'
import { compare, compareGone } from './compare.ts'
import { openFieldsOf } from './decisions.ts'
import { type Link, markSeen, readLinks } from './links.ts'
import type { Gone, Plan } from './plan.ts'
import { type PolicyTable, WHOLE_RECORD } from './policy.ts'
import { type Counts, noCounts } from './run.ts'
import type { SourceRecord } from './source.ts'
import type { Applying, Target } from './target.ts'
import type { Values } from './values.ts'
import { perhapsWritten } from './writes.ts'

/** What one reading brought of one type: records to compare, or ids that are gone. */
export interface Step {
  type: string
  records?: readonly SourceRecord[]
  /** Ids that the source says are gone, and why. */
  gone?: { ids: readonly string[]; reason: 'archived' | 'missing' }
  /** Records that the source did not give, although they are there. */
  refused?: readonly Failure[]
  /** Ids of records that are there and do not take part: those that the hub holds leave it. */
  outside?: readonly string[]
  /** Records that were found gone before, and go now. */
  leaving?: readonly Leaving[]
  /** When it was asked for, by our clock. */
  askedAt?: Date
}

/** A record that a run has found gone, and when. */
export interface Leaving {
  externalId: string
  reason: Exclude<Gone['reason'], 'merged' | 'deleted'>
  foundAt: Date
}

/** How steps become rows. */
export interface Taking {
  target: Target
  policy: PolicyTable
  around: Applying
  /** The run that is told to have met the records. */
  seenBy: string | undefined
  /** Whether records that were met unchanged are marked too: a reading of a few records need not. */
  marksUnchanged: boolean
  /** Puts off what would go: it goes once it is known how much that is. What was merged goes at once. */
  putOff?(tx: object, type: string, gone: readonly Gone[]): Promise<void>
}

/** A record that could not be stored, and why. */
export interface Failure {
  externalId: string
  error: unknown
}

/** A record that was written, and how. */
export interface Changed {
  externalId: string
  operation: 'CREATE' | 'UPDATE' | 'RESTORE' | 'DELETE'
  /** Names of the fields that got another value. */
  fields?: string[]
  /** When the source changed it, by its own clock. */
  modifiedAt?: Date | undefined
}

export interface Applied {
  events: NewEvent[]
  counts: Counts
  changed: Changed[]
  failures: Failure[]
}

/** Compares and applies a step in the caller's transaction: all of it, or the error of the first record that does not fit. */
export const applyStep = async (tx: object, taking: Taking, told: Step): Promise<Applied> => {
  const { target, around, seenBy, marksUnchanged } = taking
  const { step, links, plan: found } = await compareStep(tx, taking, told)
  const plan = taking.putOff ? await withoutLeaving(tx, taking.putOff, found) : found
  const gone = [...(step.gone?.ids ?? []), ...(step.outside ?? [])].filter(
    (id) => links.get(id)?.goneReason !== undefined,
  )
  const failures = step.refused ?? []
  const ofRefused = failures.map((failure) => failure.externalId)
  // They are there: when they go is put off, and they must not be looked for meanwhile.
  const stay = taking.putOff ? (step.outside ?? []) : []
  const seen = [...gone, ...stay, ...ofRefused, ...(marksUnchanged ? plan.unchanged : [])]
  const { events, counts } = await applyPlan(tx, { plan, links, target, around, seen, seenBy })
  const skipped = (told.records?.length ?? 0) - (step.records?.length ?? 0)
  const failed = failures.length
  return {
    events,
    counts: sumOf(counts, { ...noCounts(), done: skipped + failed, skipped, failed }),
    changed: changedBy(plan),
    failures: [...failures],
  }
}

/** What comparing a step found, and what it was found from. */
export interface Compared {
  step: Step
  links: ReadonlyMap<string, Link>
  /** What the hub holds, by local id; of records that are only said to be gone where that matters. */
  current: ReadonlyMap<string, Values>
  plan: Plan
}

/** Compares a step with what the hub holds, and says what is to be done about it: nothing is applied. */
export const compareStep = async (tx: object, taking: Taking, told: Step): Promise<Compared> => {
  const step = await admitted(tx, taking, told)
  const ids = [
    ...(step.records ?? []).flatMap((record) => [record.externalId, ...(record.mergedIds ?? [])]),
    ...(step.gone?.ids ?? []),
    ...(step.outside ?? []),
    ...(step.leaving ?? []).map((each) => each.externalId),
  ]
  const place = { ...taking.around, type: step.type }
  const links = ids.length > 0 ? await readLinks(tx, place, ids) : new Map<string, Link>()
  return { step, links, ...(await planOf(tx, taking, step, links)) }
}

const withoutLeaving = async (
  tx: object,
  putOff: NonNullable<Taking['putOff']>,
  plan: Plan,
): Promise<Plan> => {
  const leaving = plan.gone.filter((each) => each.reason !== 'merged')
  if (leaving.length === 0) return plan
  await putOff(tx, plan.type, leaving)
  const ids = new Set(leaving.map((each) => each.externalId))
  return {
    ...plan,
    gone: plan.gone.filter((each) => each.reason === 'merged'),
    // Decided when it goes.
    decisions: plan.decisions.filter((each) => each.field !== WHOLE_RECORD || !ids.has(each.externalId)),
  }
}

const changedBy = ({ creates, updates, gone }: Plan): Changed[] => [
  ...creates.map(({ externalId, modifiedAt }) => ({ externalId, operation: 'CREATE' as const, modifiedAt })),
  ...updates.map(({ externalId, diff, restored, modifiedAt }) => ({
    externalId,
    operation: restored ? ('RESTORE' as const) : ('UPDATE' as const),
    fields: Object.keys(diff),
    modifiedAt,
  })),
  ...gone.map(({ externalId }) => ({ externalId, operation: 'DELETE' as const })),
]

const admitted = async (tx: object, { target, around }: Taking, told: Step): Promise<Step> => {
  const step = target.takesPart ? inside(target, told) : told
  return step.records && target.admit
    ? { ...step, records: await target.admit(tx, step.type, step.records, around) }
    : step
}

const inside = (target: Target, step: Step): Step => {
  const outside = (step.records ?? []).filter((record) => target.takesPart?.(step.type, record) === false)
  if (outside.length === 0) return step
  const ids = new Set(outside.map((record) => record.externalId))
  return {
    ...step,
    records: step.records?.filter((record) => !ids.has(record.externalId)) ?? [],
    outside: [...ids],
  }
}

/**
 * The same, where a record cannot be stored: that one is left out and told, the others proceed. It is found by halves, each in a
 * savepoint, so that one of a hundred costs some fourteen attempts and not a hundred.
 */
export const applyApart = async (
  tx: object,
  taking: Taking,
  { records = [], ...rest }: Step,
): Promise<Applied> => {
  const all = await applyStep(tx, taking, rest)
  const before = all.failures.length
  await applyHalves(tx, taking, { ...rest, records }, all)
  const failed = all.failures.length - before
  all.counts = sumOf(all.counts, { ...noCounts(), done: failed, failed })
  // They are there, only not readable for us: they must not pass for missing.
  const ids = all.failures.map((failure) => failure.externalId)
  await markSeen(tx, { ...taking.around, type: rest.type }, ids, {
    seenBy: taking.seenBy,
    at: taking.around.at,
  })
  return all
}

const applyHalves = async (
  tx: object,
  taking: Taking,
  { type, askedAt, records }: Step & { records: readonly SourceRecord[] },
  all: Applied,
): Promise<void> => {
  const [first] = records
  if (!first) return
  const step = { type, records, ...(askedAt ? { askedAt } : {}) }
  try {
    const { events, counts, changed } = await inSavepoint(tx, () => applyStep(tx, taking, step))
    all.events.push(...events)
    all.changed.push(...changed)
    all.counts = sumOf(all.counts, counts)
  } catch (error) {
    if (!isPoison(error)) throw error
    if (records.length === 1) {
      all.failures.push({ externalId: first.externalId, error })
      return
    }
    const middle = Math.ceil(records.length / 2)
    await applyHalves(tx, taking, { ...step, records: records.slice(0, middle) }, all)
    await applyHalves(tx, taking, { ...step, records: records.slice(middle) }, all)
  }
}

const sumOf = (one: Counts, other: Counts): Counts => {
  const sum = { ...one }
  for (const counter of Object.keys(other) as (keyof Counts)[]) sum[counter] += other[counter]
  return sum
}

/** Whether the error is the record's own: a value that does not fit, whoever found out. */
export const isPoison = (error: unknown): boolean =>
  !isHubError(error) &&
  (/^(22|23|54)/.test(codeOf(error) ?? '') ||
    (error instanceof Error && ['ZodError', 'TypeError', 'RangeError', '$ZodError'].includes(error.name)))

const planOf = async (
  tx: object,
  { target, policy, around }: Taking,
  step: Step,
  links: ReadonlyMap<string, Link>,
): Promise<Pick<Compared, 'plan' | 'current'>> => {
  const { type, askedAt } = step
  const gone = [
    ...(step.gone?.ids.flatMap((id) => goneOf(links.get(id), step.gone?.reason ?? 'archived', askedAt)) ??
      []),
    ...(step.outside?.flatMap((id) => goneOf(links.get(id), 'excluded', undefined)) ?? []),
    ...(step.leaving?.flatMap((each) => goneOf(links.get(each.externalId), each.reason, each.foundAt)) ?? []),
  ]
  const known = [...links.values()]
  // What both agreed on is kept apart only where the hub has changed something since.
  const held = (step.records ? known : known.filter((link) => link.base !== undefined)).map(
    (link) => link.localId,
  )
  const current: ReadonlyMap<string, Values> =
    held.length > 0 ? await target.current(tx, type, held) : new Map()
  const open = await openFieldsOf(tx, { ...around, type }, held)
  // Where nothing was changed here, nothing of ours can be on its way.
  const ours = known.filter((link) => link.goneReason === 'deleted' || link.base !== undefined)
  const written = await perhapsWritten(tx, around.orgId, step.records ? ours.map((link) => link.localId) : [])
  const input = { type, links, current, policy, open, written }
  if (!step.records) return { current, plan: compareGone(input, gone) }
  const plan = compare({
    ...input,
    records: step.records,
    askedAt,
    localIdOf: (externalId) => localIdOf(around.orgId, around.connectionId, type, externalId),
  })
  // What was merged is missing too: where it went is the better word.
  const merged = new Set(plan.gone.map((each) => each.externalId))
  const left = compareGone(
    input,
    gone.filter((each) => !merged.has(each.externalId)),
  )
  const all: Plan = {
    ...plan,
    updates: [...plan.updates, ...left.updates],
    gone: [...plan.gone, ...left.gone],
    decisions: [...plan.decisions, ...left.decisions],
    pushes: [...plan.pushes, ...left.pushes],
    apiCalls: plan.apiCalls + left.apiCalls,
  }
  return { current, plan: all }
}

/** The id that a record gets here, the same however often it is read. */
export const localIdOf = (orgId: string, connectionId: string, type: string, externalId: string): string =>
  idFrom(orgId, connectionId, type, externalId)

/** Whether somebody else has met the record at the source since it was asked for: then its being missing is old news. */
export const isMetSince = (link: Link | undefined, askedAt: Date | undefined): boolean =>
  link !== undefined && link.goneReason === undefined && askedAt !== undefined && link.syncedAt > askedAt

const goneOf = (
  link: Link | undefined,
  reason: 'archived' | 'missing' | 'excluded',
  askedAt: Date | undefined,
): Gone[] =>
  link && (link.goneReason === undefined || link.goneReason === 'deleted') && !isMetSince(link, askedAt)
    ? [{ externalId: link.externalId, localId: link.localId, reason }]
    : []
