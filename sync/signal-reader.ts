import { type NewEvent, publish } from '#events/outbox.ts'
import { backoff } from '#kernel/backoff.ts'
import { isHubError } from '#kernel/errors.ts'
import { ALERT_AFTER, alertOfConnection } from './alerts.ts'
import { LeaseLost } from './errors.ts'
import { claimLane, endSweep, holdLane, type Lane, releaseLane, renewLane, sweepLane } from './lanes.ts'
import { type LeasedWorker, startLeasedWork } from './leased-work.ts'
import { outcomeOf, startRun } from './queue.ts'
import type { RunProgress } from './run.ts'
import { type BatchOptions, readSignals } from './signal-batch.ts'
import { SIGNALS_CHANNEL } from './signals.ts'
import { discardSwept, waitingIn } from './waiting-signals.ts'

export interface SignalsOptions extends BatchOptions {
  /** Whether a connection takes part now with records of a type. When not, its signals are kept. */
  mayRun(tx: object, orgId: string, connectionId: string, type: string): Promise<boolean>
  /** How a run is told to others. */
  progressed(run: RunProgress): NewEvent[]
  /** The source refused for good: the place to note it on the connection. `code` is that of the error. */
  refused?(tx: object, orgId: string, connectionId: string, code: string, at: Date): Promise<NewEvent[]>
  /** Lanes at work in this process at a time. Default 4. */
  maxLanes?: number
  /** How long a silent worker keeps its lane. Default 10 s; renewed every third of it. */
  leaseMs?: number
  /** How often to look for signals when nobody wakes us. Default 2 s. */
  pollMs?: number
  /** So many signals of one connection and type become one run that reads the changes. Default 2,000. */
  stormAt?: number
}

/** Records read at a time. */
const BATCH = 100
const PAUSED_MS = 15_000
const SWEEP_AGAIN_MS = 60_000
const LONGEST_REST_MS = 15 * 60_000

/**
 * Starts a worker that reads what signals name. Many may run, in many processes: a lane is one worker's until its lease ends.
 * Disposing stops it before its next batch; a request under way is given up, and its signals stay.
 */
export const startSignals = (options: SignalsOptions): LeasedWorker => {
  const { database, clock, log, maxLanes = 4, leaseMs = 10_000, pollMs = 2000 } = options

  /** What becomes of a lane that could not be read: it rests, longer each time, and its signals stay. */
  const conclude = async (lane: Lane, error: unknown, stopping: AbortSignal) => {
    const about = { err: error, connectionId: lane.connectionId, type: lane.type }
    if (LeaseLost.is(error)) return log.warn(about, 'another worker took over the reading of signals')
    if (stopping.aborted) return await releaseLane(database, lane, { failures: lane.failures })
    const failures = lane.failures + 1
    const now = clock.now()
    const longest = now.getTime() + backoff(failures, Math.random(), 1000, LONGEST_REST_MS)
    const restUntil = (isHubError(error) ? error.after : undefined) ?? new Date(longest)
    log.warn({ ...about, failures, restUntil }, 'signals could not be read, and are kept')
    await releaseLane(database, lane, { restUntil, failures })
    await tell(options, lane, error, failures)
  }

  return startLeasedWork<Lane>({
    ...{ database, clock, log, leaseMs, pollMs, channel: SIGNALS_CHANNEL, most: maxLanes, what: 'signals' },
    idsOf: ({ connectionId, type }) => ({ connectionId, type }),
    claim: () => claimLane(database, clock.now(), leaseMs),
    renew: (lane, until) => renewLane(database, lane, until),
    work: async (lane, signal, stopping) => {
      try {
        await releaseLane(database, lane, { restUntil: await serve(options, lane, signal) })
      } catch (error) {
        await conclude(lane, error, stopping)
      }
    },
  })
}

/** One turn of a lane: one batch. @returns until when it rests; null when its next turn may come at once */
const serve = async (options: SignalsOptions, lane: Lane, signal: AbortSignal): Promise<Date | null> => {
  const { database, clock, open, stormAt = 2000 } = options
  const { orgId, connectionId, type } = lane
  const current = await database.transaction(orgId, async (tx) => {
    if (!(await options.mayRun(tx, orgId, connectionId, type))) return undefined
    return lane.sweepRunId === undefined ? lane : await concludeSweep(tx, lane, options)
  })
  if (!current) return new Date(clock.now().getTime() + PAUSED_MS)
  const opened = await open({ ...lane, mode: 'INCREMENTAL' }, signal)
  try {
    // What comes while the portal makes us wait goes with this batch, and need not wait for the next.
    await opened.source.turn?.()
    const signals = await database.transaction(orgId, async (tx) => {
      const wanted = { now: clock.now(), limit: BATCH, countTo: stormAt + 1 }
      const { signals, waiting } = await waitingIn(tx, current, wanted)
      return waiting > stormAt && (await sweep(tx, current, options)) ? [] : signals
    })
    if (signals.length > 0) await readSignals(options, opened, lane, signals, signal)
  } finally {
    await opened[Symbol.asyncDispose]?.()
  }
  return null
}

/**
 * Has a run read the changes, when there is none or one that has yet to begin; what was noted until now is left to it.
 * @returns whether a run does so
 */
const sweep = async (tx: object, lane: Lane, options: SignalsOptions): Promise<boolean> => {
  const { orgId, connectionId } = lane
  const at = options.clock.now()
  if (lane.sweepRunId !== undefined || (lane.sweepAgainAt && lane.sweepAgainAt > at)) return false
  await holdLane(tx, lane)
  const { run, isNew } = await startRun(tx, {
    orgId,
    connectionId,
    mode: 'INCREMENTAL',
    priority: 'BACKGROUND',
    clock: options.clock,
  })
  if (run.state !== 'QUEUED') return false
  await sweepLane(tx, lane, run.id, at)
  if (isNew) await publish(tx, orgId, options.progressed(run), at)
  options.log.info(
    { connectionId, type: lane.type, runId: run.id },
    'so many signals that a run reads the changes',
  )
  return true
}

/** Once the run is over, takes away what it has brought; the rest is read one by one. */
const concludeSweep = async (tx: object, lane: Lane, options: SignalsOptions): Promise<Lane> => {
  const { clock } = options
  const { isOver, isThrough } = await outcomeOf(tx, lane.sweepRunId ?? '')
  if (!isOver) return lane
  await holdLane(tx, lane)
  if (isThrough) await discardSwept(tx, lane)
  const sweepAgainAt = new Date(clock.now().getTime() + SWEEP_AGAIN_MS)
  await endSweep(tx, lane, sweepAgainAt)
  return { ...lane, sweepRunId: undefined, sweptAt: undefined, sweepAgainAt }
}

/** Tells that a source refuses for good, and that a lane has failed three times in a row. */
const tell = async (options: SignalsOptions, lane: Lane, error: unknown, failures: number): Promise<void> => {
  const { orgId, connectionId } = lane
  const isRefused = isHubError(error) && error.retry === 'never'
  if (!isRefused && failures < ALERT_AFTER) return
  const at = options.clock.now()
  await options.database.transaction(orgId, async (tx) => {
    const noted = isRefused ? ((await options.refused?.(tx, orgId, connectionId, error.code, at)) ?? []) : []
    const alerts = failures < ALERT_AFTER ? [] : [alertOfConnection(connectionId, error, failures)]
    const raised = (await options.raise?.(tx, orgId, alerts, at)) ?? []
    await publish(tx, orgId, [...noted, ...raised], at)
  })
}
