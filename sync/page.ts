import { type Database, inSavepoint } from '#db/client.ts'
import { codeOf } from '#db/errors.ts'
import { type NewEvent, publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { isHubError } from '#kernel/errors.ts'
import { idFrom } from '#kernel/ids.ts'
import type { Log } from '#kernel/log.ts'
import { applyPlan } from './apply.ts'
import { type Checkpoint, holdRun, writeCheckpoint } from './checkpoint.ts'
import { compare, planGone } from './compare.ts'
import { type Link, markSeen, purgeLinks, readLinks } from './links.ts'
import type { Gone, Plan } from './plan.ts'
import type { PolicyTable } from './policy.ts'
import { progressOf } from './progress.ts'
import type { Counts, HeldRun } from './run.ts'
import type { Source, SourceRecord } from './source.ts'
import type { Applying, Target } from './target.ts'
import type { Values } from './values.ts'

/** One run at work in this process. */
export interface Work {
  database: Database<never>
  clock: Clock
  log: Log
  run: HeldRun
  source: Source
  target: Target
  policy: PolicyTable
  /** Aborts when the run has to stop at its next checkpoint. */
  signal: AbortSignal
  overlapMs: number
  progress: ProgressBeat
  /** Requests of the source that are already in a checkpoint. */
  calls: { counted: number }
}

/** Decides when progress is told: one page at a time, so that what is told never goes back. */
export class ProgressBeat {
  readonly #everyMs: number
  #last = Number.NEGATIVE_INFINITY
  #telling = false
  constructor(everyMs: number) {
    this.#everyMs = everyMs
  }
  /** Whether it is time; the caller then reports with `told` once its transaction has ended. */
  begin(now: number): boolean {
    if (this.#telling || now - this.#last < this.#everyMs) return false
    this.#telling = true
    this.#last = now
    return true
  }
  told(): void {
    this.#telling = false
  }
}

/** What one step brought: records to compare, or ids that are gone, and where the reading stands after it. */
export interface Step {
  records?: readonly SourceRecord[]
  /** Ids that the source says are gone, and why. */
  gone?: { ids: readonly string[]; reason: 'archived' | 'missing' }
  /** Ids of archived records that the source has now deleted for good. */
  purged?: readonly string[]
  checkpoint: Checkpoint
}

/**
 * Stores one page: rows, links, checkpoint, counts and events in one transaction, or nothing of it. When a record in it cannot be
 * stored, the page is stored record by record, without that one: it is counted as failed and its neighbours proceed.
 * @throws HUB_LEASE_LOST, HUB_RUN_CANCELLED
 */
export const storePage = async (work: Work, step: Step): Promise<void> => {
  try {
    await storeOnce(work, step, applyStep)
  } catch (error) {
    if (!step.records || !isPoison(error)) throw error
    await storeOnce(work, step, applyOneByOne)
  }
}

interface Applied {
  events: NewEvent[]
  counts: Counts
}
type ApplyStep = (tx: object, work: Work, step: Step, at: Date) => Promise<Applied>

const storeOnce = async (work: Work, step: Step, apply: ApplyStep): Promise<void> => {
  const { database, run, clock } = work
  const calls = work.source.calls()
  const telling = work.progress.begin(clock.now().getTime())
  const counted = work.calls.counted
  work.calls.counted = calls
  try {
    await database.transaction(run.orgId, async (tx) => {
      await holdRun(tx, run)
      const at = clock.now()
      const { events, counts } = await apply(tx, work, step, at)
      if (step.purged) await purgeLinks(tx, { ...run, type: step.checkpoint.type }, step.purged)
      await writeCheckpoint(tx, run, step.checkpoint, { ...counts, apiCalls: calls - counted })
      const progress = telling ? await progressOf(tx, run.id, clock) : undefined
      await publish(tx, run.orgId, [...events, ...(progress ? work.target.progressed(progress) : [])], at)
    })
  } catch (error) {
    work.calls.counted -= calls - counted
    throw error
  } finally {
    if (telling) work.progress.told()
  }
}

const applyStep: ApplyStep = async (tx, work, told, at) => {
  const { run, target } = work
  const around = { orgId: run.orgId, connectionId: run.connectionId, runId: run.id, at }
  const step = await admitted(tx, target, told, around)
  const links = await linksOf(tx, work, step)
  const plan = await planOf(tx, work, step, links)
  const { events, counts } = await applyPlan(tx, {
    plan,
    links,
    target,
    around,
    seen: seenBy(step, plan, links),
  })
  const refused = (told.records?.length ?? 0) - (step.records?.length ?? 0)
  return { events, counts: { ...counts, done: counts.done + refused, skipped: counts.skipped + refused } }
}

const admitted = async (tx: object, target: Target, step: Step, around: Applying): Promise<Step> =>
  step.records && target.admit
    ? { ...step, records: await target.admit(tx, step.checkpoint.type, step.records, around) }
    : step

const applyOneByOne: ApplyStep = async (tx, work, { records = [], ...step }, at) => {
  const { checkpoint } = step
  const all = await applyStep(tx, work, step, at)
  for (const record of records) {
    const one = { checkpoint, records: [record] }
    try {
      const { events, counts } = await inSavepoint(tx, () => applyStep(tx, work, one, at))
      all.events.push(...events)
      for (const counter of Object.keys(counts) as (keyof Counts)[]) all.counts[counter] += counts[counter]
    } catch (error) {
      if (!isPoison(error)) throw error
      const place = { ...work.run, type: checkpoint.type }
      work.log.error(
        { err: error, type: place.type, externalId: record.externalId },
        'a record cannot be stored',
      )
      all.counts.done += 1
      all.counts.failed += 1
      // It is there, only not readable for us: it must not pass for missing.
      await markSeen(tx, place, [record.externalId], { runId: work.run.id, at })
    }
  }
  return all
}

/** Whether the error is the record's own: a value that does not fit, whoever found out. */
const isPoison = (error: unknown): boolean =>
  !isHubError(error) &&
  (/^(22|23|54)/.test(codeOf(error) ?? '') ||
    (error instanceof Error && ['ZodError', 'TypeError', 'RangeError', '$ZodError'].includes(error.name)))

const linksOf = async (tx: object, work: Work, step: Step): Promise<Map<string, Link>> => {
  const ids = [
    ...(step.records ?? []).flatMap((record) => [record.externalId, ...(record.mergedIds ?? [])]),
    ...(step.gone?.ids ?? []),
  ]
  if (ids.length === 0) return new Map()
  return await readLinks(tx, { ...work.run, type: step.checkpoint.type }, ids)
}

const planOf = async (
  tx: object,
  work: Work,
  step: Step,
  links: ReadonlyMap<string, Link>,
): Promise<Plan> => {
  const { type } = step.checkpoint
  const { run, target, policy } = work
  const gone = step.gone?.ids.flatMap((id) => goneOf(links.get(id), step.gone?.reason ?? 'archived')) ?? []
  if (!step.records) return planGone(type, gone)
  const held = [...links.values()].map((link) => link.localId)
  const current: ReadonlyMap<string, Values> =
    held.length > 0 ? await target.current(tx, type, held) : new Map()
  const plan = compare({
    type,
    records: step.records,
    links,
    current,
    policy,
    localIdOf: (externalId) => localIdOf(run.orgId, run.connectionId, type, externalId),
  })
  return { ...plan, gone: [...plan.gone, ...gone] }
}

// Reading changes meets a few records only, so that what it does not meet means nothing.
const seenBy = (step: Step, plan: Plan, links: ReadonlyMap<string, Link>): readonly string[] => {
  const known = step.gone?.ids.filter((id) => links.get(id)?.goneReason !== undefined) ?? []
  return step.checkpoint.phase === 'changes' ? known : [...known, ...plan.unchanged]
}

/** The id that a record gets here, the same however often it is read. */
export const localIdOf = (orgId: string, connectionId: string, type: string, externalId: string): string =>
  idFrom(orgId, connectionId, type, externalId)

const goneOf = (link: Link | undefined, reason: 'archived' | 'missing'): Gone[] =>
  link && link.goneReason === undefined
    ? [{ externalId: link.externalId, localId: link.localId, reason }]
    : []
