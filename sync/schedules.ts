import { sql } from 'kysely'
import { type Database, over } from '#db/client.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { type Cadence, cadenceWords, lastSlot, nextSlot } from './cadence.ts'

/** What can be done by the clock: runs that read changes, read everything, or compare everything; and forgetting. */
export type ScheduleName = 'CHANGES' | 'FULL' | 'RECONCILE' | 'RETENTION'

/** Something that is to be done by the clock for one connection. */
export interface Wanted {
  name: ScheduleName
  cadence: Cadence
  /** Why it rests for now; undefined when it does not. */
  pausedBecause?: string | undefined
}

/** A schedule as it stands. */
export interface Schedule {
  connectionId: string
  name: ScheduleName
  everyMs: number | null
  dailyMinute: number | null
  timeZone: string | null
  pausedBecause: string | null
  nextAt: Date
  lastSlot: Date | null
  lastAt: Date | null
  lastResult: 'STARTED' | 'BUSY' | 'PAUSED' | null
  lastRunId: string | null
}

/** A slot that has come. */
export interface DueSlot {
  orgId: string
  connectionId: string
  name: ScheduleName
  slot: Date
}

export interface ScheduleOptions {
  database: Database<never>
  clock: Clock
  log: Log
  /** What is wanted for a connection now, what goes first first: asked in the transaction that starts it. */
  wanted(tx: object, orgId: string, connectionId: string): Promise<readonly Wanted[]>
  /** Starts it in the transaction that takes the slot. BUSY: what is under way does for it. */
  begin(tx: object, due: DueSlot): Promise<{ result: 'STARTED' | 'BUSY'; runId?: string | undefined }>
}

/** Settings may change: no schedule is left alone for longer. */
const LOOK_AGAIN_MS = 5 * 60_000

/**
 * Deals with every slot that has come: each once, however many processes do so at the same time, and whatever their clocks do.
 * Slots that passed while nobody looked are made up for by one.
 * @returns the slots that were begun
 */
export const keepSchedules = async (options: ScheduleOptions, signal?: AbortSignal): Promise<DueSlot[]> => {
  const { database, clock, log } = options
  const begun: DueSlot[] = []
  for (const { orgId, connectionId } of await database.relay((tx) => connectionsToLookAt(tx, clock.now()))) {
    if (signal?.aborted) break
    try {
      begun.push(
        ...(await database.transaction(orgId, (tx) => keepConnection(tx, options, orgId, connectionId))),
      )
    } catch (error) {
      log.warn({ err: error, connectionId }, 'could not keep the schedules of a connection')
    }
  }
  return begun
}

/** Connections that have ever run: as the relay. Walks from connection to connection over the index. */
export const connectionsThatRan = async (
  tx: object,
  isWanted = sql`true`,
): Promise<{ orgId: string; connectionId: string }[]> => {
  const { rows } = await sql<{ orgId: string; connectionId: string }>`
    with recursive connections as (
      (select org_id, connection_id from sync.runs order by org_id, connection_id limit 1)
      union all
      select n.* from connections c cross join lateral (
        select r.org_id, r.connection_id from sync.runs r where (r.org_id, r.connection_id) > (c.org_id, c.connection_id)
        order by r.org_id, r.connection_id limit 1) n
    )
    select org_id as "orgId", connection_id as "connectionId" from connections c where ${isWanted}`.execute(
    over(tx),
  )
  return rows
}

/** Those whose schedules are to be looked at. */
const connectionsToLookAt = (tx: object, now: Date) =>
  connectionsThatRan(
    tx,
    sql`not exists (select from sync.schedules s where s.org_id = c.org_id and s.connection_id = c.connection_id
      and s.look_at > ${now}::timestamptz and s.look_at < ${new Date(now.getTime() + 2 * LOOK_AGAIN_MS)}::timestamptz)`,
  )

const keepConnection = async (
  tx: object,
  options: ScheduleOptions,
  orgId: string,
  connectionId: string,
): Promise<DueSlot[]> => {
  // Two who look at once: the second finds the slots taken.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`sync.schedules ${connectionId}`}, 0))`.execute(
    over(tx),
  )
  const now = options.clock.now()
  const wanted = await options.wanted(tx, orgId, connectionId)
  const known = new Map((await schedulesOf(tx, orgId, [connectionId])).map((each) => [each.name, each]))
  const begun: DueSlot[] = []
  const kept: Schedule[] = []
  for (const each of wanted) {
    const schedule = afresh(known.get(each.name), each, connectionId, now)
    const slot = schedule.nextAt <= now ? lastSlot(each.cadence, now) : undefined
    if (slot && (!schedule.lastSlot || slot > schedule.lastSlot)) {
      const due = { orgId, connectionId, name: each.name, slot }
      const { result, runId } = each.pausedBecause
        ? { result: 'PAUSED' as const, runId: undefined }
        : await options.begin(tx, due)
      Object.assign(schedule, { lastSlot: slot, lastAt: now, lastResult: result, lastRunId: runId ?? null })
      if (result === 'STARTED') begun.push(due)
    }
    if (slot) schedule.nextAt = nextSlot(each.cadence, now)
    kept.push(schedule)
  }
  await writeSchedules(tx, orgId, connectionId, kept, now)
  return begun
}

/** A schedule with what is wanted now: when that has changed, its next slot is a new one. */
const afresh = (known: Schedule | undefined, wanted: Wanted, connectionId: string, now: Date): Schedule => {
  const { name, cadence, pausedBecause = null } = wanted
  const said = {
    everyMs: 'everyMs' in cadence ? cadence.everyMs : null,
    dailyMinute: 'everyMs' in cadence ? null : cadence.dailyMinute,
    timeZone: 'everyMs' in cadence ? null : cadence.timeZone,
  }
  const isSame =
    known?.everyMs === said.everyMs &&
    known.dailyMinute === said.dailyMinute &&
    known.timeZone === said.timeZone
  return {
    connectionId,
    name,
    ...said,
    pausedBecause,
    nextAt: isSame && known ? known.nextAt : nextSlot(cadence, now),
    lastSlot: known?.lastSlot ?? null,
    lastAt: known?.lastAt ?? null,
    lastResult: known?.lastResult ?? null,
    lastRunId: known?.lastRunId ?? null,
  }
}

const writeSchedules = async (
  tx: object,
  orgId: string,
  connectionId: string,
  schedules: readonly Schedule[],
  now: Date,
): Promise<void> => {
  const soonest = Math.min(...schedules.map(({ nextAt }) => nextAt.getTime()), now.getTime() + LOOK_AGAIN_MS)
  await sql`
    with kept as (
      select * from json_to_recordset(${JSON.stringify(schedules)}::json) as r(name text, "everyMs" bigint, "dailyMinute" integer,
        "timeZone" text, "pausedBecause" text, "nextAt" timestamptz, "lastSlot" timestamptz, "lastAt" timestamptz, "lastResult" text,
        "lastRunId" uuid)
    ), gone as (
      delete from sync.schedules where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid
        and name not in (select name from kept)
    )
    insert into sync.schedules (org_id, connection_id, name, every_ms, daily_minute, time_zone, paused_because, next_at, last_slot,
      last_at, last_result, last_run_id, look_at)
    select ${orgId}::uuid, ${connectionId}::uuid, name, "everyMs", "dailyMinute", "timeZone", "pausedBecause", "nextAt", "lastSlot",
      "lastAt", "lastResult", "lastRunId", ${new Date(soonest)}::timestamptz from kept
    on conflict (org_id, connection_id, name) do update set every_ms = excluded.every_ms, daily_minute = excluded.daily_minute,
      time_zone = excluded.time_zone, paused_because = excluded.paused_because, next_at = excluded.next_at,
      last_slot = excluded.last_slot, last_at = excluded.last_at, last_result = excluded.last_result,
      last_run_id = excluded.last_run_id, look_at = excluded.look_at`.execute(over(tx))
}

/** The schedules of connections, by name: one statement. */
export const schedulesOf = async (
  tx: object,
  orgId: string,
  connectionIds: readonly string[],
): Promise<Schedule[]> => {
  const { rows } = await sql<Schedule>`
    select connection_id as "connectionId", name, every_ms as "everyMs", daily_minute as "dailyMinute", time_zone as "timeZone",
      paused_because as "pausedBecause", next_at as "nextAt", last_slot as "lastSlot", last_at as "lastAt",
      last_result as "lastResult", last_run_id as "lastRunId"
    from sync.schedules where org_id = ${orgId}::uuid and connection_id = any(${connectionIds}::uuid[])
    order by connection_id, name`.execute(over(tx))
  return rows
}

/** A schedule for people. */
export const shownSchedule = (schedule: Schedule) => ({
  ...schedule,
  cadence: cadenceWords(schedule),
  paused: schedule.pausedBecause !== null,
  nextAt: schedule.pausedBecause === null ? schedule.nextAt : null,
})
