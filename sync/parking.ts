import { sql } from 'kysely'
import { type Database, over } from '#db/client.ts'
import { holdRun } from './checkpoint.ts'
import { OUTGOING_CHANNEL } from './outgoing.ts'
import { RUNS_CHANNEL } from './queue.ts'
import type { HeldRun } from './run.ts'
import { SIGNALS_CHANNEL } from './signals.ts'

/** Until when a run is parked that only people can help: until somebody says that it goes on. */
const PARKED_UNTIL = new Date('9999-01-01T00:00:00Z')

/**
 * Lets a run go as it stands, to be taken up when `wakeConnection` says so.
 * @throws HUB_LEASE_LOST when it was taken from its holder meanwhile: he does not know any more what it waits for
 * @throws HUB_RUN_CANCELLED when somebody has told it to stop: it is still held then
 */
export const parkRun = async (database: Database<never>, run: HeldRun): Promise<void> => {
  await database.transaction(run.orgId, async (tx) => {
    const { numAffectedRows } = await sql`
      update sync.runs set lease_until = null, not_before = ${PARKED_UNTIL}
      where id = ${run.id}::uuid and token = ${run.token} and state = 'RUNNING' and not cancel_requested`.execute(
      over(tx),
    )
    if (!numAffectedRows) await holdRun(tx, run)
  })
}

/**
 * Lets everything of a connection that waits go on at once: a run that was parked or rests, and signals and writings that rest. A run is taken
 * from whoever holds it and may be taken up anew: he may have met the trouble that is over now, and be about to park the run for it.
 */
export const wakeConnection = async (
  tx: object,
  { orgId, connectionId }: { orgId: string; connectionId: string },
): Promise<void> => {
  await sql`
    with runs as (
      update sync.runs set not_before = null, lease_until = null, token = token + 1
      where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid and state in ('QUEUED', 'RUNNING')
    ), outgoing as (
      update sync.outgoing_lanes set rest_until = null, failures = 0
      where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid
    )
    update sync.signal_lanes set rest_until = null, failures = 0
    where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid`.execute(over(tx))
  await sql`select pg_notify(${RUNS_CHANNEL}, ''), pg_notify(${SIGNALS_CHANNEL}, ''),
    pg_notify(${OUTGOING_CHANNEL}, '')`.execute(over(tx))
}

/**
 * Tells every run of a connection that is under way or holds to stop: at once when nobody works on it, else at its next checkpoint.
 * @returns their ids
 */
export const stopRuns = async (
  tx: object,
  { orgId, connectionId }: { orgId: string; connectionId: string },
  at: Date,
): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    update sync.runs set cancel_requested = true, not_before = null,
      state = case when lease_until is null then 'CANCELLED' else state end,
      finished_at = case when lease_until is null then ${at}::timestamptz end
    where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid and state in ('QUEUED', 'RUNNING', 'HELD') returning id`.execute(
    over(tx),
  )
  await sql`select pg_notify(${RUNS_CHANNEL}, '')`.execute(over(tx))
  return rows.map(({ id }) => id)
}
