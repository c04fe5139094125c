import type { Database } from '#db/client.ts'
import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { type Checkpoint, holdRun, writeCheckpoint } from './checkpoint.ts'
import { purgeLinks } from './links.ts'
import type { PolicyTable } from './policy.ts'
import { progressOf } from './progress.ts'
import type { HeldRun } from './run.ts'
import type { Source } from './source.ts'
import { type Applied, applyOneByOne, applyStep, isPoison, type Step, type Taking } from './step.ts'
import type { Target } from './target.ts'

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

/** One page of a run: what it brought, and where the reading stands after it. */
export interface Page extends Omit<Step, 'type'> {
  /** Ids of archived records that the source has now deleted for good. */
  purged?: readonly string[]
  checkpoint: Checkpoint
}

/**
 * Stores one page: rows, links, checkpoint, counts and events in one transaction, or nothing of it. When a record in it cannot be
 * stored, the page is stored record by record, without that one: it is counted as failed and its neighbours proceed.
 * @throws HUB_LEASE_LOST, HUB_RUN_CANCELLED
 */
export const storePage = async (work: Work, page: Page): Promise<void> => {
  try {
    await storeOnce(work, page, applyStep)
  } catch (error) {
    if (!page.records || !isPoison(error)) throw error
    await storeOnce(work, page, applyOneByOne)
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
      }
      const { events, counts, failures } = await apply(tx, taking, { ...step, type })
      for (const { error, externalId } of failures)
        work.log.error({ err: error, type, externalId }, 'a record cannot be stored')
      if (purged) await purgeLinks(tx, { ...run, type }, purged)
      await writeCheckpoint(tx, run, checkpoint, { ...counts, apiCalls: calls - counted })
      const progress = telling ? await progressOf(tx, run.id, clock) : undefined
      await publish(tx, run.orgId, [...events, ...(progress ? target.progressed(progress) : [])], at)
    })
  } catch (error) {
    work.calls.counted -= calls - counted
    throw error
  } finally {
    if (telling) work.progress.told()
  }
}
