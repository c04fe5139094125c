import type { Database } from '#db/client.ts'
import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { ALERT_AFTER, alertsOfRecords, type RaiseAlerts } from './alerts.ts'
import { type Buried, buryRecords, resolveLetters } from './dead-letters.ts'
import type { Opened, OpenRun } from './execute.ts'
import { explain } from './failure.ts'
import { holdLane, type Lane } from './lanes.ts'
import { readLinks } from './links.ts'
import { logRecords } from './logs.ts'
import { nextTry } from './next-try.ts'
import { sourceWins } from './policy.ts'
import { settle } from './settle.ts'
import type { SourceType } from './source.ts'
import {
  type Applied,
  applyApart,
  applyStep,
  type Failure,
  isMetSince,
  isPoison,
  type Step,
  type Taking,
} from './step.ts'
import { discardLane, type WaitingSignal } from './waiting-signals.ts'

export interface BatchOptions {
  database: Database<never>
  clock: Clock
  log: Log
  open: OpenRun
  /** Chance in [0, 1), for jitter. Default: Math.random. */
  random?: () => number
  /** After how many tries in all a record that cannot be stored is given up. Default 5. */
  tries?: number
  /** Tells whoever has to know of what failed three times; asked each time, whether or not it was told before. */
  raise?: RaiseAlerts
}

const TRIES = 5

/**
 * Reads the truth of records in one batch, with their links, and brings it over: rows, links, events and the signals' end in one
 * transaction.
 * @throws what the source throws; HUB_LEASE_LOST
 */
export const readSignals = async (
  options: BatchOptions,
  opened: Opened,
  lane: Lane,
  signals: readonly WaitingSignal[],
  signal: AbortSignal,
): Promise<void> => {
  const { database, clock, log } = options
  const type = opened.source.types.find((each) => each.type === lane.type)
  if (!type?.read) {
    log.info({ connectionId: lane.connectionId, type: lane.type }, 'signals of a type that is not read')
    return await database.transaction(lane.orgId, async (tx) => {
      await holdLane(tx, lane)
      await discardLane(tx, lane)
    })
  }
  const step = await readStep(type, signals, clock)
  signal.throwIfAborted()
  await store(options, opened, lane, signals, step)
}

const readStep = async (
  type: SourceType,
  signals: readonly WaitingSignal[],
  clock: Clock,
): Promise<Step & { askedAt: Date }> => {
  const askedAt = clock.now()
  const linked = new Set(signals.filter((each) => each.isLinked).map((each) => each.key))
  const ids = signals.map((each) => each.key)
  const { records = [], missing = [], refused = [] } = (await type.read?.(ids, linked)) ?? {}
  // Most of what is not there was archived, and may come back; the next look at the archive says so when it was not.
  const reason = type.archived ? 'archived' : 'missing'
  return { type: type.type, records, gone: { ids: missing, reason }, refused, askedAt }
}

const store = async (
  options: BatchOptions,
  opened: Opened,
  lane: Lane,
  signals: readonly WaitingSignal[],
  step: Step & { askedAt: Date },
): Promise<void> => {
  try {
    await storeOnce(options, opened, lane, signals, step, applyStep)
  } catch (error) {
    if (!isPoison(error)) throw error
    await storeOnce(options, opened, lane, signals, step, applyApart)
  }
}

const storeOnce = async (
  options: BatchOptions,
  { target, policy = sourceWins }: Opened,
  lane: Lane,
  signals: readonly WaitingSignal[],
  step: Step & { askedAt: Date },
  apply: (tx: object, taking: Taking, step: Step) => Promise<Applied>,
): Promise<void> => {
  const { database, clock } = options
  await database.transaction(lane.orgId, async (tx) => {
    const seenBy = await holdLane(tx, lane)
    const at = clock.now()
    const around = { orgId: lane.orgId, connectionId: lane.connectionId, runId: undefined, at }
    const stale = await metSince(tx, lane, step)
    const taking = { target, policy, around, seenBy, marksUnchanged: true }
    const { events, changed, failures } = await apply(tx, taking, step)
    const failed = failuresOf(options, lane, signals, failures)
    const unwell = new Set([...failed.map((each) => each.externalId), ...stale])
    const read = signals.filter(({ key }) => !unwell.has(key))
    const buried = failed.filter((each) => each.attempts >= (options.tries ?? TRIES))
    const postponed = failed.filter((each) => !buried.includes(each))
    await settle(
      tx,
      lane,
      [...read, ...buried.map((each) => each.signal)],
      postponed.map((each) => ({ ...each.signal, dueAt: each.dueAt, code: each.code })),
    )
    await resolveLetters(
      tx,
      lane,
      read.map((each) => each.key),
      at,
    )
    await buryRecords(tx, lane, buried, clock)
    const logs = [
      ...changed,
      ...failed.map((failure) => ({
        externalId: failure.externalId,
        operation: 'STORE' as const,
        failure,
      })),
    ]
    await logRecords(tx, lane, logs, { runId: undefined, clock, startedAt: step.askedAt })
    const alerts = alertsOfRecords(
      lane,
      failed.filter((each) => each.attempts >= ALERT_AFTER),
    )
    const raised = (await options.raise?.(tx, lane.orgId, alerts, at)) ?? []
    await publish(tx, lane.orgId, [...events, ...raised], at)
  })
}

interface Failed extends Buried {
  signal: WaitingSignal
  dueAt: Date
}

/** The signals whose records could not be stored, with the tries they have had now. */
const failuresOf = (
  { clock, log, random = Math.random }: BatchOptions,
  lane: Lane,
  signals: readonly WaitingSignal[],
  failures: readonly Failure[],
): Failed[] => {
  const errors = new Map(failures.map((failure) => [failure.externalId, failure.error]))
  return signals.flatMap((signal): Failed[] => {
    const { key: externalId } = signal
    if (!errors.has(externalId)) return []
    const error = errors.get(externalId)
    const attempts = signal.attempts + 1
    log.error({ err: error, type: lane.type, externalId, attempts }, 'a record cannot be stored')
    return [
      { ...explain(error), externalId, attempts, signal, dueAt: nextTry(attempts, clock.now(), random()) },
    ]
  })
}

/** Records missing at the source that somebody met there while we asked: their signals stay, and they are read again. */
const metSince = async (
  tx: object,
  lane: Lane,
  { gone, askedAt }: Step & { askedAt: Date },
): Promise<ReadonlySet<string>> => {
  if (!gone || gone.ids.length === 0) return new Set()
  const links = await readLinks(tx, lane, gone.ids)
  return new Set(gone.ids.filter((id) => isMetSince(links.get(id), askedAt)))
}
