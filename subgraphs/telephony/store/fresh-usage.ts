import { type RawBuilder, sql } from 'kysely'
import { LATEST_MS } from '../domain/active-calls.ts'
import type { Transaction } from './transaction.ts'

/** NOTIFY channel that wakes whoever judges usage; it is only a hint, the table is the truth. */
export const USAGE_CHANNEL = 'telephony_usage'

/** Thresholds are looked at, at once, for what began within this time. */
const JUDGED_MS = 2 * 3_600_000

/**
 * The part of a statement that notes which hours of accounts have got new records, of what is not too long ago to be looked at again.
 * `new` are the records. A note that is there is written again: whoever takes it waits for this transaction, and sees its records.
 */
export const noteFresh = (orgId: string, now: Date): RawBuilder<unknown> => sql`
  insert into telephony.fresh_usage as f (org_id, ban, slot, reach, is_judged)
  select ${orgId}::uuid, n.ban, date_trunc('hour', n.started_at, 'UTC') as slot, max(n.started_at + make_interval(secs => n.seconds)),
    max(n.started_at) < ${new Date(now.getTime() - JUDGED_MS)}::timestamptz
  from new n where n.started_at >= ${new Date(now.getTime() - LATEST_MS)}::timestamptz
  group by n.ban, 3 order by n.ban, 3
  on conflict (org_id, ban, slot) do update set reach = greatest(f.reach, excluded.reach), is_judged = f.is_judged and excluded.is_judged
  returning pg_notify(${USAGE_CHANNEL}, '')`

/** Organisations with usage that nobody has judged. Walks from one to the next over the index. */
export const organisationsToJudge = async (tx: Transaction): Promise<string[]> => {
  const { rows } = await sql<{ org_id: string }>`
    with recursive orgs as (
      (select org_id from telephony.fresh_usage where not is_judged order by org_id limit 1)
      union all
      select (select f.org_id from telephony.fresh_usage f where not f.is_judged and f.org_id > o.org_id order by f.org_id limit 1)
      from orgs o where o.org_id is not null
    )
    select org_id from orgs where org_id is not null`.execute(tx)
  return rows.map((row) => row.org_id)
}

/** Takes some accounts with usage that nobody has judged: one statement. Whoever has written more of it meanwhile leaves it to the next. */
export const takeUnjudged = async (tx: Transaction, orgId: string, limit: number): Promise<string[]> => {
  const { rows } = await sql<{ ban: string }>`
    with d as materialized (
      select ban, slot from telephony.fresh_usage where org_id = ${orgId} and not is_judged limit ${limit} for update skip locked
    )
    update telephony.fresh_usage f set is_judged = true from d
    where f.org_id = ${orgId} and f.ban = d.ban and f.slot = d.slot
    returning f.ban`.execute(tx)
  return [...new Set(rows.map(({ ban }) => ban))]
}

/** A note of an hour of an account that has got new records. */
export interface FreshUsage {
  ban: string
  slot: Date
  reach: Date
}

/**
 * Takes notes away, the oldest hours first: one statement. Whoever counts what they are of does it in a later one: that sees the records
 * of everybody who has written the note.
 */
export const takeFreshUsage = async (
  tx: Transaction,
  orgId: string,
  limit: number,
): Promise<FreshUsage[]> => {
  const { rows } = await sql<FreshUsage>`
    with d as materialized (
      select ban, slot from telephony.fresh_usage where org_id = ${orgId} order by slot, ban limit ${limit} for update skip locked
    )
    delete from telephony.fresh_usage f using d where f.org_id = ${orgId} and f.ban = d.ban and f.slot = d.slot
    returning f.ban, f.slot, f.reach`.execute(tx)
  return rows
}
