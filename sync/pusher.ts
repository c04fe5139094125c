import { asFollowing } from '#telemetry/traces.ts'
import { type LaneOptions, type LaneTuning, startLanes } from './lane-worker.ts'
import { type Lane, OUTGOING } from './lanes.ts'
import type { LeasedWorker } from './leased-work.ts'
import { OUTGOING_CHANNEL, waitingOut } from './outgoing.ts'
import { pushBatch } from './push.ts'
import type { Waiting } from './settle.ts'
import type { BatchOptions } from './signal-batch.ts'

export interface PusherOptions extends BatchOptions, LaneTuning, Pick<LaneOptions, 'refused'> {
  /** Whether anything of a type is written at a connection now. When not, what waits is kept. */
  mayPush(tx: object, orgId: string, connectionId: string, type: string): Promise<boolean>
  /** Kinds that are no records which both sides have: what waits of them is written, and settled, as they say. */
  apart?: Readonly<Record<string, WriteApart>>
}

/** Writes what waits of a kind, one batch, and settles it. @throws as `startLanes` takes it: the lane rests, and what waits stays */
export type WriteApart = (lane: Lane, waiting: readonly Waiting[], signal: AbortSignal) => Promise<void>

/** Records written at a time. */
const BATCH = 100
const PAUSED_MS = 15_000

/**
 * Starts a worker that writes what was changed here at the source. Many may run, in many processes. Disposing stops it once the batch
 * under way has been answered.
 */
export const startPusher = (options: PusherOptions): LeasedWorker =>
  startLanes({
    ...options,
    ...{ kind: OUTGOING, channel: OUTGOING_CHANNEL, what: 'writes' },
    serve: (lane, signal) => serve(options, lane, signal),
  })

/** One turn of a lane: one batch. @returns until when it rests; null when its next turn may come at once */
const serve = async (options: PusherOptions, lane: Lane, signal: AbortSignal): Promise<Date | null> => {
  const { database, clock } = options
  const { orgId, connectionId, type } = lane
  const rest = () => new Date(clock.now().getTime() + PAUSED_MS)
  if (!(await database.read(orgId, (tx) => options.mayPush(tx, orgId, connectionId, type)))) return rest()
  const due = () => database.read(orgId, (tx) => waitingOut(tx, lane, { now: clock.now(), limit: BATCH }))
  const apart = options.apart?.[type]
  if (apart) {
    const waiting = await due()
    if (waiting.length > 0) await asWriting(type, waiting, () => apart(lane, waiting, signal))
    return null
  }
  const opened = await options.open({ ...lane, mode: 'INCREMENTAL' }, signal)
  try {
    const { sink } = opened
    if (!sink) return rest()
    // What is changed while the source makes us wait goes with this batch, and need not wait for the next.
    await sink.turn?.()
    const waiting = await due()
    const opens = { ...opened, sink }
    if (waiting.length > 0)
      await asWriting(type, waiting, () => pushBatch({ options, opened: opens, lane }, waiting, signal))
  } finally {
    await opened[Symbol.asyncDispose]?.()
  }
  return null
}

/** Writes as a part of what led to it. */
const asWriting = (type: string, waiting: readonly Waiting[], write: () => Promise<void>): Promise<void> => {
  const traces = waiting.map(({ trace }) => trace)
  return asFollowing(`write ${type}`, traces, { 'hub.records': waiting.length }, write)
}
