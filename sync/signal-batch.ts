import type { Database } from '#db/client.ts'
import { publish } from '#events/outbox.ts'
import { backoff } from '#kernel/backoff.ts'
import type { Clock } from '#kernel/clock.ts'
import { isHubError } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import type { Opened, OpenRun } from './execute.ts'
import { holdLane, type Lane } from './lanes.ts'
import { readLinks } from './links.ts'
import { sourceWins } from './policy.ts'
import type { SourceType } from './source.ts'
import {
  type Applied,
  applyOneByOne,
  applyStep,
  isMetSince,
  isPoison,
  type Step,
  type Taking,
} from './step.ts'
import { discardLane, type Postponed, settleSignals, type Waiting } from './waiting-signals.ts'

export interface BatchOptions {
  database: Database<never>
  clock: Clock
  log: Log
  open: OpenRun
  /** Chance in [0, 1), for jitter. Default: Math.random. */
  random?: () => number
}

/** Tries that follow each other within seconds; only then does waiting help. */
const QUICK_TRIES = 3
const QUICK_MS = 1000
const SLOW_MS = 15 * 60_000
const LONGEST_MS = 24 * 3_600_000

/**
 * When a record that could not be stored is tried again.
 * @param attempt tries so far, at least 1
 */
export const nextTry = (attempt: number, now: Date, random: number): Date => {
  const waitMs =
    attempt < QUICK_TRIES
      ? QUICK_MS * attempt
      : backoff(attempt - QUICK_TRIES + 1, random, SLOW_MS, LONGEST_MS)
  return new Date(now.getTime() + waitMs)
}

/**
 * Reads the truth of records in one batch, with their links, and brings it over: rows, links, events and the signals' end in one
 * transaction.
 * @throws what the source throws; HUB_LEASE_LOST
 */
export const readSignals = async (
  options: BatchOptions,
  lane: Lane,
  signals: readonly Waiting[],
  signal: AbortSignal,
): Promise<void> => {
  const { database, clock, log, open } = options
  const opened = await open({ ...lane, mode: 'INCREMENTAL' }, signal)
  try {
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
  } finally {
    await opened[Symbol.asyncDispose]?.()
  }
}

const readStep = async (
  type: SourceType,
  signals: readonly Waiting[],
  clock: Clock,
): Promise<Step & { askedAt: Date }> => {
  const askedAt = clock.now()
  const { records, missing } = (await type.read?.(signals.map((each) => each.externalId))) ?? {
    records: [],
    missing: [],
  }
  // Most of what is not there was archived, and may come back; the next look at the archive says so when it was not.
  const reason = type.archived ? 'archived' : 'missing'
  return { type: type.type, records, gone: { ids: missing, reason }, askedAt }
}

const store = async (
  options: BatchOptions,
  opened: Opened,
  lane: Lane,
  signals: readonly Waiting[],
  step: Step & { askedAt: Date },
): Promise<void> => {
  try {
    await storeOnce(options, opened, lane, signals, step, applyStep)
  } catch (error) {
    if (!isPoison(error)) throw error
    await storeOnce(options, opened, lane, signals, step, applyOneByOne)
  }
}

const storeOnce = async (
  options: BatchOptions,
  { target, policy = sourceWins }: Opened,
  lane: Lane,
  signals: readonly Waiting[],
  step: Step & { askedAt: Date },
  apply: (tx: object, taking: Taking, step: Step) => Promise<Applied>,
): Promise<void> => {
  const { database, clock, log } = options
  await database.transaction(lane.orgId, async (tx) => {
    const seenBy = await holdLane(tx, lane)
    const at = clock.now()
    const around = { orgId: lane.orgId, connectionId: lane.connectionId, runId: undefined, at }
    const stale = await metSince(tx, lane, step)
    const { events, failures } = await apply(
      tx,
      { target, policy, around, seenBy, marksUnchanged: true },
      step,
    )
    const failed = new Map(failures.map((failure) => [failure.externalId, failure.error]))
    for (const [externalId, error] of failed)
      log.error({ err: error, type: lane.type, externalId }, 'a record cannot be stored')
    const read = signals.filter(({ externalId }) => !failed.has(externalId) && !stale.has(externalId))
    const postponed = signals.flatMap((each): Postponed[] => {
      if (!failed.has(each.externalId)) return []
      const dueAt = nextTry(each.attempts + 1, at, (options.random ?? Math.random)())
      return [{ ...each, dueAt, code: codeOfFailure(failed.get(each.externalId)) }]
    })
    await settleSignals(tx, lane, read, postponed)
    await publish(tx, lane.orgId, events, at)
  })
}

const codeOfFailure = (error: unknown): string => (isHubError(error) ? error.code : 'HUB_RECORD_UNFIT')

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
