import type { Database } from '#db/client.ts'
import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { forgetLeaving, putOff, type RunBrakes } from './brakes.ts'
import { type Checkpoint, holdRun, writeCheckpoint } from './checkpoint.ts'
import { failedAgain, resolveLetters } from './dead-letters.ts'
import { keepDrift } from './drift.ts'
import { explain } from './failure.ts'
import { purgeLinks } from './links.ts'
import { logRecords } from './logs.ts'
import { nextTry } from './next-try.ts'
import { planPage } from './plans/make.ts'
import type { PolicyTable } from './policy.ts'
import { progressOf } from './progress.ts'
import type { HeldRun } from './run.ts'
import type { Sink } from './sink.ts'
import type { Source, SourceRecord } from './source.ts'
import {
  type Applied,
  applyApart,
  applyStep,
  type Failure,
  isPoison,
  type Step,
  type Taking,
} from './step.ts'
import type { Target } from './target.ts'
import { tryAgain } from './waiting-signals.ts'

/** One run at work in this process. */
export interface Work {
  database: Database<never>
  clock: Clock
  log: Log
  run: HeldRun
  source: Source
  target: Target
  policy: PolicyTable
  /** Where changes of ours are written, and which types may be. */
  out: { sink?: Sink | undefined; writes?: readonly string[] | undefined }
  /** Aborts when the run has to stop at its next checkpoint. */
  signal: AbortSignal
  overlapMs: number
  progress: ProgressBeat
  /** Up to when, by the source's clock, earlier runs have read each type. */
  watermarks: ReadonlyMap<string, Date>
  /** Whether records of the connection were given up: they are no longer when they can be stored. */
  hasLetters: boolean
  /** Requests of the source that are already in a checkpoint. */
  calls: { counted: number }
  /** How much the run may do without anybody asked; left out where that does not matter. */
  brakes?: RunBrakes
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

/** One page of a run: what it brought, and where the reading stands after it. */
export interface Page extends Omit<Step, 'type'> {
  /** Ids of archived records that the source has now deleted for good. */
  purged?: readonly string[]
  checkpoint: Checkpoint
}

/**
 * Stores one page: rows, links, checkpoint, counts and events in one transaction, or nothing of it. When a record in it cannot be
 * stored, the page is stored without that one: it is counted as failed and its neighbours proceed.
 * @throws HUB_LEASE_LOST, HUB_RUN_CANCELLED; Tripped, when it would change too much
 */
export const storePage = async (work: Work, page: Page): Promise<void> => {
  if (work.run.purpose === 'PLAN') return await planPage(work, page)
  try {
    await storeOnce(work, page, applyStep)
  } catch (error) {
    if (!page.records || !isPoison(error)) throw error
    await storeOnce(work, page, applyApart)
  }
}

type ApplyStep = (tx: object, taking: Taking, step: Step) => Promise<Applied>

const storeOnce = async (work: Work, page: Page, apply: ApplyStep): Promise<void> => {
  const { database, run, clock, target, policy } = work
  const { checkpoint, purged, ...step } = page
  const { type } = checkpoint
  const calls = work.source.calls()
  const telling = work.progress.begin(clock.now().getTime())
  const counted = work.calls.counted
  work.calls.counted = calls
  let updated = 0
  try {
    await database.transaction(run.orgId, async (tx) => {
      await holdRun(tx, run, type)
      const at = clock.now()
      const taking: Taking = {
        target,
        policy,
        around: { orgId: run.orgId, connectionId: run.connectionId, runId: run.id, at },
        seenBy: run.id,
        // Reading changes meets a few records only, so that what it does not meet means nothing.
        marksUnchanged: checkpoint.phase !== 'changes',
        ...(work.brakes && !step.leaving ? { putOff: putOff(run, at) } : {}),
      }
      const { events, counts, changed, failures } = await apply(tx, taking, { ...step, type })
      updated = counts.updated
      await work.brakes?.weighChanges(tx, run, type, updated)
      if (step.leaving) await forgetLeaving(tx, { ...run, type }, run.id, step.leaving)
      await keepFailures(tx, work, type, failures, step.askedAt ?? at)
      if (run.mode === 'RECONCILE')
        await keepDrift(tx, run, type, changed, { reached: work.watermarks.get(type), at })
      if (work.hasLetters) await resolve(tx, work, type, step.records ?? [], failures)
      if (purged) await purgeLinks(tx, { ...run, type }, purged)
      await writeCheckpoint(tx, run, checkpoint, { ...counts, apiCalls: calls - counted })
      const progress = telling ? await progressOf(tx, run.id, clock) : undefined
      await publish(tx, run.orgId, [...events, ...(progress ? target.progressed(progress) : [])], at)
    })
    work.brakes?.changed(type, updated)
  } catch (error) {
    work.calls.counted -= calls - counted
    throw error
  } finally {
    if (telling) work.progress.told()
  }
}

/** Records that could not be stored are tried again by themselves, unless they were given up before. */
const keepFailures = async (
  tx: object,
  { run, clock, log }: Work,
  type: string,
  failures: readonly Failure[],
  startedAt: Date,
): Promise<void> => {
  if (failures.length === 0) return
  const place = { orgId: run.orgId, connectionId: run.connectionId, type }
  const at = clock.now()
  const failed = failures.map(({ externalId, error }) => {
    log.error({ err: error, type, externalId }, 'a record cannot be stored')
    return { externalId, ...explain(error) }
  })
  const ids = failed.map((each) => each.externalId)
  const givenUp = await failedAgain(tx, place, ids, at)
  const rest = failed.filter((each) => !givenUp.has(each.externalId))
  await tryAgain(tx, place, rest, { at, dueAt: nextTry(1, at, 0) })
  const logs = failed.map((failure) => ({
    externalId: failure.externalId,
    operation: 'STORE' as const,
    failure,
  }))
  await logRecords(tx, place, logs, { runId: run.id, clock, startedAt })
}

const resolve = (
  tx: object,
  { run, clock }: Work,
  type: string,
  records: readonly SourceRecord[],
  failures: readonly Failure[],
): Promise<void> => {
  const failed = new Set(failures.map((failure) => failure.externalId))
  const stored = records.map((record) => record.externalId).filter((id) => !failed.has(id))
  return resolveLetters(tx, { ...run, type }, stored, clock.now())
}
