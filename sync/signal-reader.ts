import { type NewEvent, publish } from '#events/outbox.ts'
import { type LaneOptions, type LaneTuning, startLanes } from './lane-worker.ts'
import { endSweep, holdLane, type Lane, SIGNALS, sweepLane } from './lanes.ts'
import type { LeasedWorker } from './leased-work.ts'
import { outcomeOf, startRun } from './queue.ts'
import type { RunProgress } from './run.ts'
import { type BatchOptions, readSignals } from './signal-batch.ts'
import { SIGNALS_CHANNEL } from './signals.ts'
import { discardSwept, waitingIn } from './waiting-signals.ts'

export interface SignalsOptions extends BatchOptions, LaneTuning, Pick<LaneOptions, 'refused'> {
  /** Whether a connection takes part now with records of a type. When not, its signals are kept. */
  mayRun(tx: object, orgId: string, connectionId: string, type: string): Promise<boolean>
  /** How a run is told to others. */
  progressed(run: RunProgress): NewEvent[]
  /** So many signals of one connection and type become one run that reads the changes. Default 2,000. */
  stormAt?: number
}

/** Records read at a time. */
const BATCH = 100
const PAUSED_MS = 15_000
const SWEEP_AGAIN_MS = 60_000

/**
 * Starts a worker that reads what signals name. Many may run, in many processes. Disposing stops it before its next batch; a request
 * under way is given up, and its signals stay.
 */
export const startSignals = (options: SignalsOptions): LeasedWorker =>
  startLanes({
    ...options,
    ...{ kind: SIGNALS, channel: SIGNALS_CHANNEL, what: 'signals' },
    serve: (lane, signal) => serve(options, lane, signal),
  })

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
