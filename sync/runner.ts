import type { Database } from '#db/client.ts'
import { publish } from '#events/outbox.ts'
import { backoff } from '#kernel/backoff.ts'
import type { Clock } from '#kernel/clock.ts'
import { isHubError } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { ALERT_AFTER, alertOfConnection, type RaiseAlerts } from './alerts.ts'
import { LeaseLost, RunCancelled } from './errors.ts'
import { endRun, executeRun, type OpenRun } from './execute.ts'
import { type LeasedWorker, startLeasedWork } from './leased-work.ts'
import { parkRun } from './parking.ts'
import { claimRun, RUNS_CHANNEL, releaseRun, renewLease } from './queue.ts'
import type { HeldRun } from './run.ts'
import type { Target } from './target.ts'

export interface RunnerOptions {
  database: Database<never>
  clock: Clock
  log: Log
  open: OpenRun
  /** Tells of a run that ended before both ends could be opened. */
  target: Target
  /** Whether only people can help a run that met this error: it is kept as it stands until somebody says that it goes on. */
  parks?(error: unknown): boolean
  /** Runs at work in this process at a time. Default 4. */
  maxRuns?: number
  /** How long a silent worker keeps its run. Default 10 s; renewed every third of it. */
  leaseMs?: number
  /** How often to look for runs when nobody wakes us. Default 2 s. */
  pollMs?: number
  /** Tells whoever has to know of what failed three times. */
  raise?: RaiseAlerts
  /** Default 250. */
  progressEveryMs?: number
  /** Default 60,000. */
  overlapMs?: number
}

/** How often an error that nobody has foreseen is tried again. */
const MOST_SURPRISES = 5

/**
 * Starts a worker. Many may run, in many processes: a run is one worker's until its lease ends.
 * Disposing stops each run at its next checkpoint and lets it go, so that another worker goes on with it at once.
 */
export const startRunner = (options: RunnerOptions): LeasedWorker => {
  const { database, clock, log, maxRuns = 4, leaseMs = 10_000, pollMs = 2000 } = options
  let surprises = 0

  /** What an interrupted run becomes: stopped, failed for good, or left for later. */
  const conclude = async (run: HeldRun, error: unknown, stopping: AbortSignal) => {
    if (LeaseLost.is(error)) return log.warn({ runId: run.id }, 'another worker took over a sync run')
    if (stopping.aborted) return await releaseRun(database, run, null)
    if (RunCancelled.is(error))
      return await endRun(options, run, { state: 'CANCELLED', target: options.target })
    if (options.parks?.(error)) {
      try {
        await parkRun(database, run)
        return log.warn({ err: error, runId: run.id }, 'sync run parked until somebody helps')
      } catch (refused) {
        return await conclude(run, refused, stopping)
      }
    }
    const isKnown = isHubError(error)
    if (!isKnown) surprises += 1
    if (isKnown ? error.retry === 'never' : surprises >= MOST_SURPRISES) {
      log.error({ err: error, runId: run.id }, 'sync run failed')
      return await endRun(options, run, { state: 'FAILED', target: options.target, error })
    }
    const now = clock.now().getTime()
    const after = (isKnown ? error.after?.getTime() : undefined) ?? now + backoff(2, Math.random(), 500, 5000)
    log.warn({ err: error, runId: run.id, after: new Date(after) }, 'sync run interrupted, goes on later')
    await releaseRun(database, run, new Date(after))
    if (run.attempts >= ALERT_AFTER) await raiseOf(run, error)
  }

  const raiseOf = async (run: HeldRun, error: unknown) => {
    const at = clock.now()
    const alert = alertOfConnection(run.connectionId, error, run.attempts)
    await database.transaction(run.orgId, async (tx) =>
      publish(tx, run.orgId, (await options.raise?.(tx, run.orgId, [alert], at)) ?? [], at),
    )
  }

  return startLeasedWork<HeldRun>({
    ...{ database, clock, log, leaseMs, pollMs, channel: RUNS_CHANNEL, most: maxRuns, what: 'sync runs' },
    idsOf: (run) => ({ runId: run.id }),
    // The last place is kept for what somebody asks for: what goes on by itself may go on for long.
    claim: (held) => claimRun(database, clock, leaseMs, maxRuns > 1 && held === maxRuns - 1),
    renew: (run, until) => renewLease(database, run, until),
    work: async (run, signal, stopping) => {
      try {
        await executeRun({ progressEveryMs: 250, overlapMs: 60_000, ...options }, run, signal)
        surprises = 0
        log.info({ runId: run.id, mode: run.mode }, 'sync run completed')
      } catch (error) {
        await conclude(run, error, stopping)
      }
    },
  })
}
