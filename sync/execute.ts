import { sql } from 'kysely'
import type { Database } from '#db/client.ts'
import { over } from '#db/client.ts'
import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { toPublic } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { ALERT_AFTER, alertOfConnection, type RaiseAlerts } from './alerts.ts'
import { type Brakes, changedBefore, RunBrakes, Tripped } from './brakes.ts'
import { holdRun, moveWatermarks, readCheckpoints, readWatermarks } from './checkpoint.ts'
import { holdsLetters } from './dead-letters.ts'
import { RecordsFailed, RunCancelled } from './errors.ts'
import { explain } from './failure.ts'
import { holdForApproval } from './holding.ts'
import { logRun } from './logs.ts'
import { ProgressBeat, type Work } from './page.ts'
import { servePlan } from './plans/serve.ts'
import { type PolicyTable, sourceWins } from './policy.ts'
import { progressOf } from './progress.ts'
import { failedInARow } from './queue.ts'
import { readType } from './reading.ts'
import type { HeldRun, HoldReason, RunState } from './run.ts'
import type { Sink } from './sink.ts'
import type { Source, SourceType } from './source.ts'
import type { Target } from './target.ts'

/** Both ends of a run, opened for it. Disposed when this process is done with the run. */
export interface Opened extends Partial<AsyncDisposable> {
  source: Source
  target: Target
  /** Default: the source is right. */
  policy?: PolicyTable
  /** Where changes of ours are written; left out where nothing is. */
  sink?: Sink
  /** Types that may be written now. Default: every one. */
  writes?: readonly string[]
  /** How much a run may delete or change without anybody asked. Default: everything. */
  brakes?: Brakes
}

/** Opens both ends. Set-up reads belong here; an error it throws is judged as one of the source. `signal` ends its requests. */
export type OpenRun = (
  /** Without an id it is no run: single records are read. */
  run: Pick<HeldRun, 'orgId' | 'connectionId' | 'mode'> & Partial<Pick<HeldRun, 'id' | 'purpose'>>,
  signal: AbortSignal,
) => Promise<Opened>

export interface ExecuteOptions {
  database: Database<never>
  clock: Clock
  log: Log
  open: OpenRun
  /** How long a silent worker keeps what it does of a run. Default 10 s. */
  leaseMs?: number
  /** Least time between two progress events of a run. */
  progressEveryMs: number
  /** Tells whoever has to know of what failed three times. */
  raise?: RaiseAlerts
  /** How far behind the watermark changes are read again: longer than the source's search index lags. */
  overlapMs: number
}

interface Started {
  /** Where each kind was when the run was begun before. */
  checkpoints: Awaited<ReturnType<typeof readCheckpoints>>
  /** Ends the reading of all when one has failed. */
  halt: AbortController
  stopped: AbortSignal
}

/** Reads kinds of records side by side. @returns why the run is to be held; empty when it is not. @throws what ended the first that failed */
const readTypes = async (
  work: Work,
  types: readonly SourceType[],
  { checkpoints, halt, stopped }: Started,
): Promise<HoldReason[]> => {
  const outcomes = await Promise.allSettled(
    types.map((type) =>
      readType(work, type, checkpoints.get(type.type), work.watermarks.get(type.type)).catch(
        (error: unknown) => {
          // The others stop at their next page: what hurts one type of a source mostly hurts them all.
          halt.abort(error)
          throw error
        },
      ),
    ),
  )
  const reasons = trippedBy(outcomes)
  if (reasons.length > 0) return reasons
  if (outcomes.some((outcome) => outcome.status === 'rejected')) throw halt.signal.reason ?? stopped.reason
  return []
}

/**
 * Does a run from wherever its checkpoints stand to its end: the types in parallel, each page by page.
 * A run that would delete or change too much is left HELD.
 * @throws what stops it before its end; the run is then still RUNNING and can be taken over
 */
export const executeRun = async (
  options: ExecuteOptions,
  run: HeldRun,
  signal: AbortSignal,
): Promise<void> => {
  const { database, clock, overlapMs } = options
  const halt = new AbortController()
  const both = AbortSignal.any([signal, halt.signal])
  const opened = await options.open(run, both)
  try {
    const { source, target, policy = sourceWins } = opened
    const [checkpoints, watermarks, hasLetters, changed] = await database.read(run.orgId, async (tx) => [
      await readCheckpoints(tx, run.id),
      await readWatermarks(tx, run.connectionId),
      await holdsLetters(tx, run),
      opened.brakes ? await changedBefore(tx, run.id) : new Map<string, number>(),
    ])
    const work: Work = {
      database,
      clock,
      log: options.log,
      run,
      source,
      target,
      policy,
      out: { sink: opened.sink, writes: opened.writes },
      signal: both,
      overlapMs,
      watermarks,
      progress: new ProgressBeat(options.progressEveryMs),
      hasLetters,
      calls: { counted: 0 },
      ...(opened.brakes && run.purpose === 'SYNC' ? { brakes: new RunBrakes(opened.brakes, changed) } : {}),
    }
    await announce(options, run, target)
    const readAll = (types: readonly SourceType[]) =>
      readTypes(work, types, { checkpoints, halt, stopped: signal })
    if (run.planId) {
      await servePlan(work, opened, options, readAll)
      return await endRun(options, run, { state: 'COMPLETED', target })
    }
    const reasons = await readAll(source.types)
    if (reasons.length > 0) return await holdForApproval(options, run, { reasons, target })
    const failed = (await database.read(run.orgId, (tx) => progressOf(tx, run.id, clock)))?.failed ?? 0
    const error = failed > 0 ? RecordsFailed.with({ count: failed }) : undefined
    await endRun(options, run, { state: error ? 'FAILED' : 'COMPLETED', target, error, isThrough: true })
  } finally {
    await opened[Symbol.asyncDispose]?.()
  }
}

const trippedBy = (outcomes: readonly PromiseSettledResult<unknown>[]): HoldReason[] => {
  const reasons = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' && outcome.reason instanceof Tripped ? [outcome.reason.reason] : [],
  )
  // Types that were stopped on account of another one reject with that one's reason.
  return [...new Set(reasons)]
}

const announce = async ({ database, clock }: ExecuteOptions, run: HeldRun, target: Target): Promise<void> => {
  await database.transaction(run.orgId, async (tx) => {
    await holdRun(tx, run)
    const progress = await progressOf(tx, run.id, clock)
    if (progress) await publish(tx, run.orgId, target.progressed(progress), clock.now())
  })
}

/**
 * Ends a run for good, with its last event.
 * @param end.error why, when it did not complete
 * @throws HUB_LEASE_LOST when it is no longer this worker's to end
 */
export const endRun = async (
  { database, clock, raise }: Pick<ExecuteOptions, 'database' | 'clock' | 'raise'>,
  run: HeldRun,
  end: {
    state: Extract<RunState, 'COMPLETED' | 'FAILED' | 'CANCELLED'>
    target: Target | undefined
    error?: unknown
    /** Everything was read, even if not everything could be stored: the next run reads changes from here. */
    isThrough?: boolean
  },
): Promise<void> => {
  const failure = end.error === undefined ? undefined : toPublic(end.error)
  await database.transaction(run.orgId, async (tx) => {
    await holdRun(tx, run).catch((error: unknown) => {
      if (!RunCancelled.is(error)) throw error
    })
    const at = clock.now()
    if (end.isThrough) await moveWatermarks(tx, run)
    await sql`
      update sync.runs set state = ${end.state}, finished_at = ${at}, lease_until = null,
        error_code = ${failure?.code ?? null}, error = ${failure?.message ?? null}
      where id = ${run.id}::uuid`.execute(over(tx))
    await logRun(tx, run.id, { at, state: end.state, failure: failure && explain(failure) })
    const progress = await progressOf(tx, run.id, clock)
    if (!progress || !end.target) return
    const events = (await end.target.ended?.(tx, progress, failure?.code ?? null)) ?? []
    const inARow =
      failure && raise && run.purpose === 'SYNC' ? await failedInARow(tx, run.connectionId, ALERT_AFTER) : 0
    const alerts = inARow < ALERT_AFTER ? [] : [alertOfConnection(run.connectionId, failure, inARow)]
    const raised = (await raise?.(tx, run.orgId, alerts, at)) ?? []
    await publish(tx, run.orgId, [...events, ...raised, ...end.target.progressed(progress)], at)
  })
}
