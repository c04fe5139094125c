import { type RawBuilder, sql } from 'kysely'
import { LATEST_MS } from '../domain/active-calls.ts'
import type { Transaction } from './transaction.ts'

/** NOTIFY channel that wakes whoever judges usage; it is only a hint, the table is the truth. */
export const USAGE_CHANNEL = 'telephony_usage'

/** Thresholds are looked at, at once, for what began within this time. */
const JUDGED_MS = 2 * 3_600_000

/** When a record of `new` ended. */
export const endOf = sql`(n.started_at + make_interval(secs => n.seconds))`

/**
 * The part of a statement that notes which hours of accounts have got new records, of what is not too long ago to be looked at again.
 * `new` are the records. A note that is there gets another revision: what somebody has done by the records of before does not count for these.
 */
export const noteFresh = (orgId: string, now: Date): RawBuilder<unknown> => sql`
  insert into telephony.fresh_usage as f (org_id, ban, slot, reach, is_judged)
  select ${orgId}::uuid, n.ban, date_trunc('hour', n.started_at, 'UTC') as slot, max(${endOf}),
    max(n.started_at) < ${new Date(now.getTime() - JUDGED_MS)}::timestamptz
  from new n where ${endOf} >= ${new Date(now.getTime() - LATEST_MS)}::timestamptz
  group by n.ban, 3 order by n.ban, 3
  on conflict (org_id, ban, slot) do update set reach = greatest(f.reach, excluded.reach), is_judged = f.is_judged and excluded.is_judged,
    is_counted = false, revision = f.revision + 1
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

/**
 * A note of an hour of an account that has got new records, as it was when it was read. Nobody holds it meanwhile, so that whoever brings
 * records waits for nobody: what was done is written on the note afterwards, where it is still the same.
 */
export interface FreshUsage {
  ban: string
  slot: Date
  /** The last of the calls that began in the hour has ended by then. */
  reach: Date
  revision: number
}

const columns = sql`ban, slot, reach, revision`

/** Notes of what nobody has judged: one statement. */
export const unjudgedUsage = async (tx: Transaction, orgId: string, limit: number): Promise<FreshUsage[]> => {
  const { rows } = await sql<FreshUsage>`
    select ${columns} from telephony.fresh_usage where org_id = ${orgId} and not is_judged limit ${limit}`.execute(
    tx,
  )
  return rows
}

/** Notes of hours that nobody has counted, the oldest hours first, those behind `after`: one statement. */
export const uncountedUsage = async (
  tx: Transaction,
  orgId: string,
  { after, limit }: { after: Pick<FreshUsage, 'slot' | 'ban'> | undefined; limit: number },
): Promise<FreshUsage[]> => {
  const { rows } = await sql<FreshUsage>`
    select ${columns} from telephony.fresh_usage where org_id = ${orgId} and not is_counted
      ${after ? sql`and (slot, ban) > (${after.slot}::timestamptz, ${after.ban})` : sql``}
    order by slot, ban limit ${limit}`.execute(tx)
  return rows
}

/** Notes of these accounts whose hours were counted: one statement. */
export const countedUsage = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<FreshUsage[]> => {
  const { rows } = await sql<FreshUsage>`
    select ${columns} from telephony.fresh_usage
    where org_id = ${orgId} and ban = any(${bans}::text[]) and is_counted`.execute(tx)
  return rows
}

// Whoever is writing a note brings records that nobody has seen: it is left alone, and not waited for.
const unchanged = (orgId: string, notes: readonly FreshUsage[]): RawBuilder<unknown> => sql`
  select f.ban, f.slot from telephony.fresh_usage f
  join jsonb_to_recordset(${JSON.stringify(notes)}::jsonb) as n(ban text, slot timestamptz, revision integer)
    on n.ban = f.ban and n.slot = f.slot and n.revision = f.revision
  where f.org_id = ${orgId} for update of f skip locked`

const note = (what: RawBuilder<unknown>) => {
  return async (tx: Transaction, orgId: string, notes: readonly FreshUsage[]): Promise<number> => {
    if (notes.length === 0) return 0
    const { numAffectedRows = 0n } = await sql`
      with u as materialized (${unchanged(orgId, notes)})
      update telephony.fresh_usage f set ${what} from u where f.org_id = ${orgId} and f.ban = u.ban and f.slot = u.slot`.execute(
      tx,
    )
    return Number(numAffectedRows)
  }
}

/** Notes that these were judged, except those that got more records since: one statement. @returns how many */
export const noteJudged = note(sql`is_judged = true`)

/** Notes that the hours of these were counted, except those that got more records since: one statement. @returns how many */
export const noteCounted = note(sql`is_counted = true`)

/** Takes these away, except those that got more records since: one statement. */
export const forgetFreshUsage = async (
  tx: Transaction,
  orgId: string,
  notes: readonly FreshUsage[],
): Promise<void> => {
  if (notes.length === 0) return
  await sql`
    with u as materialized (${unchanged(orgId, notes)})
    delete from telephony.fresh_usage f using u where f.org_id = ${orgId} and f.ban = u.ban and f.slot = u.slot`.execute(
    tx,
  )
}
