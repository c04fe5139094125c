import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { keptTrace } from '#db/kept-trace.ts'
import type { Lane } from './lanes.ts'
import type { Waiting } from './settle.ts'

/**
 * outgoing  a record of ours may differ from what both sides agreed on: what differs is to be written at the source
 * note      to write that down; noting it again while it waits changes nothing, while it is being written it stays
 */
export interface Outgoing {
  type: string
  localId: string
  /** Somebody waits for it: it is written before what else waits of its connection. */
  isUrgent?: boolean
}

/** NOTIFY channel that wakes the writers; it is only a hint, the table is the truth. */
export const OUTGOING_CHANNEL = 'sync_outgoing'

/** Notes that records of ours may have to be written, inside the caller's transaction: one statement. Safe to repeat. */
export const noteOutgoing = async (
  tx: object,
  { orgId, connectionId }: { orgId: string; connectionId: string },
  records: readonly Outgoing[],
  at: Date,
): Promise<void> => {
  if (records.length === 0) return
  const rows = records.map(({ type, localId, isUrgent = false }) => ({
    type,
    local_id: localId,
    urgent: isUrgent,
  }))
  // In one order, so that two who note the same records wait for each other instead of for ever.
  await sql`
    with noted as (
      insert into sync.outgoing as s (org_id, connection_id, type, local_id, urgent, noted_at, due_at, trace)
      select ${orgId}::uuid, ${connectionId}::uuid, type, local_id, bool_or(urgent), ${at}::timestamptz, ${at}::timestamptz,
        ${keptTrace()}
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(type text, local_id uuid, urgent boolean)
      group by type, local_id order by type, local_id
      on conflict (org_id, connection_id, type, local_id) do update set
        noted = s.noted + 1, noted_at = excluded.noted_at, urgent = s.urgent or excluded.urgent,
        trace = coalesce(excluded.trace, s.trace),
        due_at = case when s.attempts > 0 then excluded.due_at else s.due_at end
    )
    select pg_notify(${OUTGOING_CHANNEL}, '')`.execute(over(tx))
}

/** The same for records that are named by the source's ids: a statement, and one per connection. Somebody waits for them. */
export const noteOutgoingRecords = async (
  tx: object,
  orgId: string,
  records: readonly { connectionId: string; type: string; externalId: string }[],
  at: Date,
): Promise<void> => {
  if (records.length === 0) return
  const rows = records.map(({ connectionId, type, externalId }) => ({
    ...{ connection_id: connectionId, type, external_id: externalId },
  }))
  const { rows: found } = await sql<{ connection_id: string; type: string; local_id: string }>`
    select l.connection_id, l.type, l.local_id from sync.links l
    join json_to_recordset(${JSON.stringify(rows)}::json) as r(connection_id uuid, type text, external_id text)
      using (connection_id, type, external_id) where l.org_id = ${orgId}::uuid`.execute(over(tx))
  for (const [connectionId, own] of Map.groupBy(found, (row) => row.connection_id))
    await noteOutgoing(
      tx,
      { orgId, connectionId },
      own.map((row) => ({ type: row.type, localId: row.local_id, isUrgent: true })),
      at,
    )
}

/** What of a lane is due, what somebody waits for first, then the oldest: at most `limit`. */
export const waitingOut = async (
  tx: object,
  { orgId, connectionId, type }: Lane,
  { now, limit }: { now: Date; limit: number },
): Promise<Waiting[]> => {
  const { rows } = await sql<Waiting>`
    select local_id as key, noted, attempts, trace from sync.outgoing
    where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid and type = ${type}
      and (due_at <= ${now}::timestamptz or attempts = 0)
    order by urgent desc, due_at limit ${limit}`.execute(over(tx))
  return rows
}

/** How often these have been noted by now: what is written from here on includes it. One statement. */
export const notedOut = async (
  tx: object,
  { orgId, connectionId, type }: Lane,
  localIds: readonly string[],
): Promise<Waiting[]> => {
  const { rows } = await sql<Waiting>`
    select local_id as key, noted, attempts from sync.outgoing
    where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid and type = ${type} and local_id = any(${localIds}::uuid[])`.execute(
    over(tx),
  )
  return rows
}
