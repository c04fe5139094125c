import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/**
 * raised  a reason for which the hub has made a record in a portal by itself
 * stands  the reason has not gone since: no other record is made for it
 */
export interface Raised {
  about: string
  record_id: string
  times: number
  stands: boolean
}

interface Place {
  orgId: string
  integrationId: string
}

/** For what a reason was raised in a portal, by what it is about: two statements. Nobody else raises it until the transaction ends. */
export const lockRaised = async (
  tx: Transaction,
  { orgId, integrationId }: Place,
  reason: string,
  abouts: readonly string[],
): Promise<Map<string, Raised>> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`raised ${integrationId} ${reason}`}, 0))`.execute(
    tx,
  )
  const { rows } = await sql<Raised>`
    select about, record_id, times, stands from customers.raised
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and reason = ${reason}
      and about = any(${abouts}::text[])`.execute(tx)
  return new Map(rows.map((row) => [row.about, row]))
}

/** Notes what was raised now: one statement. */
export const raise = async (
  tx: Transaction,
  { orgId, integrationId }: Place,
  { reason, recordType }: { reason: string; recordType: 'deals' | 'tickets' | 'tasks' },
  raised: readonly { about: string; recordId: string; times: number }[],
  at: Date,
): Promise<void> => {
  if (raised.length === 0) return
  const rows = raised.map(({ about, recordId, times }) => ({ about, record_id: recordId, times }))
  await sql`
    insert into customers.raised as s (org_id, integration_id, reason, about, record_type, record_id, times, stands, raised_at)
    select ${orgId}::uuid, ${integrationId}::uuid, ${reason}, r.about, ${recordType}, r.record_id, r.times, true, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(about text, record_id uuid, times integer)
    on conflict (org_id, integration_id, reason, about) do update set record_id = excluded.record_id, times = excluded.times,
      stands = true, raised_at = excluded.raised_at`.execute(tx)
}

/** Notes that reasons have gone: they may be raised again. One statement. */
export const lay = async (
  tx: Transaction,
  { orgId, integrationId }: Place,
  reason: string,
  abouts: readonly string[],
): Promise<void> => {
  if (abouts.length === 0) return
  await sql`
    update customers.raised set stands = false
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and reason = ${reason}
      and about = any(${abouts}::text[]) and stands`.execute(tx)
}
