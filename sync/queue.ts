import { sql } from 'kysely'
import { type Database, over, type Tx } from '#db/client.ts'
import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { RecordsFailed } from './errors.ts'
import { progressOf } from './progress.ts'
import type { HeldRun, RunMode, RunPriority, RunProgress, RunPurpose } from './run.ts'
import type { SyncTables } from './tables.ts'

/** NOTIFY channel that wakes the workers; it is only a hint, the table is the truth. */
export const RUNS_CHANNEL = 'sync_runs'

const tables = (tx: object): Tx<SyncTables> => over<SyncTables>(tx)

/**
 * Asks for a run, inside the caller's transaction. While one is under way for the connection or holds, that one is answered: if it waits, it
 * goes first from now on when somebody asks.
 * @param ask.priority Default: somebody asks
 */
export const startRun = async (
  tx: object,
  ask: {
    orgId: string
    connectionId: string
    mode: RunMode
    clock: Clock
    priority?: RunPriority
    /** Default: it brings records over. */
    plan?: { id: string; purpose: 'PLAN' | 'APPLY' }
  },
): Promise<{ run: RunProgress; isNew: boolean }> => {
  const id = newId(ask.clock)
  const rows = await tables(tx)
    .insertInto('sync.runs')
    .values({
      id,
      org_id: ask.orgId,
      connection_id: ask.connectionId,
      mode: ask.mode,
      priority: ask.priority ?? 'ASKED',
      purpose: ask.plan?.purpose ?? 'SYNC',
      plan_id: ask.plan?.id ?? null,
      requested_at: ask.clock.now(),
    })
    .onConflict((oc) =>
      oc
        .columns(['org_id', 'connection_id'])
        .where('state', 'in', ['QUEUED', 'RUNNING', 'HELD'])
        .doUpdateSet({
          priority: sql`case when excluded.priority = 'ASKED' then 'ASKED' else sync.runs.priority end`,
        }),
    )
    .returning('id')
    .execute()
  const active = rows[0]?.id ?? id
  if (active === id) await sql`select pg_notify(${RUNS_CHANNEL}, '')`.execute(tables(tx))
  const run = await progressOf(tx, active, ask.clock)
  if (!run) throw new Error('a run that was just written is not there')
  return { run, isNew: active === id }
}

/**
 * Tells a run to stop. A run that waits or holds is cancelled at once, a running one at its next checkpoint.
 * @returns the run as it is now; undefined when there is none with this id in the transaction's organisation
 */
export const cancelRun = async (
  tx: object,
  runId: string,
  clock: Clock,
): Promise<RunProgress | undefined> => {
  // A run that waits for its retry is not looked at before that: let it be seen now.
  await sql`
    update sync.runs set cancel_requested = true, not_before = null,
      state = case when state in ('QUEUED', 'HELD') then 'CANCELLED' else state end,
      finished_at = case when state in ('QUEUED', 'HELD') then ${clock.now()}::timestamptz end
    where id = ${runId}::uuid and state in ('QUEUED', 'RUNNING', 'HELD')`.execute(tables(tx))
  await sql`select pg_notify(${RUNS_CHANNEL}, '')`.execute(tables(tx))
  return await progressOf(tx, runId, clock)
}

/** No lease is given for so long: one that ends later was given by a clock that was set back since, and whoever has it would renew it. */
const LONGEST_LEASE_MS = 15 * 60_000

/** Whether nobody holds it, or whoever held it has fallen silent: a term about a row with a lease. */
export const isFree = (now: Date) =>
  sql`(lease_until is null or lease_until < ${now} or lease_until > ${new Date(now.getTime() + LONGEST_LEASE_MS)})`

/** What the hub does by itself gives way to what somebody asked for, but not for longer. */
const GIVES_WAY_MS = 3_600_000

/**
 * Takes a run that nobody works on and makes every older holder's writes void: one that somebody asked for before those that the hub
 * does by itself, of these one of the organisation with the fewest runs at work, and of these the oldest.
 * @param isUrgent whether only what somebody asked for is taken, or what has given way for long enough
 * `for update` waits for no page under way (they hold `for key share`): a run that is being written is alive.
 */
export const claimRun = async (
  database: Database<never>,
  clock: Clock,
  leaseMs: number,
  isUrgent = false,
): Promise<HeldRun | undefined> => {
  const now = clock.now()
  const goesFirst = sql`(r.priority = 'ASKED' or r.requested_at < ${new Date(now.getTime() - GIVES_WAY_MS)}::timestamptz)`
  const row = await database.relay(async (tx) => {
    const { rows } = await sql<{
      id: string
      org_id: string
      connection_id: string
      mode: RunMode
      purpose: RunPurpose
      plan_id: string | null
      allowed: HeldRun['allowed']
      token: number
      attempts: number
      started_at: Date
    }>`
      update sync.runs set state = 'RUNNING', token = token + 1, attempts = attempts + 1,
        lease_until = ${new Date(now.getTime() + leaseMs)}, started_at = coalesce(started_at, ${now})
      where id = (
        select r.id from sync.runs r left join (
          select org_id, count(*) as runs from sync.runs where state = 'RUNNING' and not ${isFree(now)} group by org_id
        ) at_work using (org_id)
        where r.state in ('QUEUED', 'RUNNING') and ${isFree(now)} and (r.not_before is null or r.not_before <= ${now})
          and (${goesFirst} or not ${isUrgent}::boolean)
        order by ${goesFirst} desc, coalesce(at_work.runs, 0), r.requested_at, r.id limit 1 for update of r skip locked)
      returning id, org_id, connection_id, mode, purpose, plan_id, allowed, token, attempts, started_at`.execute(
      tables(tx),
    )
    return rows[0]
  })
  return (
    row && {
      id: row.id,
      orgId: row.org_id,
      connectionId: row.connection_id,
      mode: row.mode,
      purpose: row.purpose,
      planId: row.plan_id,
      allowed: row.allowed,
      token: row.token,
      attempts: row.attempts,
      startedAt: row.started_at,
    }
  )
}

/** Keeps a run. @returns false when another worker has taken it, or it was given back */
export const renewLease = async (
  database: Database<never>,
  run: HeldRun,
  leaseUntil: Date,
): Promise<boolean> => {
  const { numUpdatedRows } = await database.relay((tx) =>
    tables(tx)
      .updateTable('sync.runs')
      .set({ lease_until: leaseUntil })
      .where('id', '=', run.id)
      .where('token', '=', run.token)
      .where('state', '=', 'RUNNING')
      // Given back meanwhile: a renewal that was under way must not take it again.
      .where('lease_until', 'is not', null)
      .executeTakeFirstOrThrow(),
  )
  return numUpdatedRows > 0n
}

/** Lets a run go without ending it, so that any worker goes on with it at once or from `notBefore`. */
export const releaseRun = async (
  database: Database<never>,
  run: HeldRun,
  notBefore: Date | null,
): Promise<void> => {
  await database.relay(async (tx) => {
    await tables(tx)
      .updateTable('sync.runs')
      .set({ lease_until: null, not_before: notBefore })
      .where('id', '=', run.id)
      .where('token', '=', run.token)
      .where('state', '=', 'RUNNING')
      .execute()
    if (!notBefore) await sql`select pg_notify(${RUNS_CHANNEL}, '')`.execute(tables(tx))
  })
}

/**
 * Whether a run is over, and whether it has read everything then, even if not everything could be stored.
 * A run that is not there any more has read nothing.
 */
export const outcomeOf = async (
  tx: object,
  runId: string,
): Promise<{ isOver: boolean; isThrough: boolean }> => {
  const row = await tables(tx)
    .selectFrom('sync.runs')
    .select(['state', 'error_code'])
    .where('id', '=', runId)
    .executeTakeFirst()
  if (!row) return { isOver: true, isThrough: false }
  const isOver = row.state !== 'QUEUED' && row.state !== 'RUNNING'
  return { isOver, isThrough: row.state === 'COMPLETED' || row.error_code === RecordsFailed.code }
}

/** How many of the last runs of a connection have failed in a row, those that read everything left out. */
export const failedInARow = async (tx: object, connectionId: string, most: number): Promise<number> => {
  const { rows } = await sql<{ failed: boolean }>`
    select state = 'FAILED' and error_code is distinct from ${RecordsFailed.code} as failed from sync.runs
    where connection_id = ${connectionId}::uuid and finished_at is not null and purpose = 'SYNC' order by requested_at desc, id desc limit ${most}`.execute(
    tables(tx),
  )
  const first = rows.findIndex(({ failed }) => !failed)
  return first < 0 ? rows.length : first
}
