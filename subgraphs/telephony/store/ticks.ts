import { type RawBuilder, sql } from 'kysely'
import { currentSince } from '../domain/active-calls.ts'
import { type TrunkTickRow, toldSince } from '../domain/ticks.ts'
import type { Transaction } from './transaction.ts'

/**
 * The part of a statement that adds up, by trunk, what the next tick has to tell, of what is not too long ago for it. `new` are the
 * records.
 */
export const noteUntold = (orgId: string, now: Date): RawBuilder<unknown> => sql`
  insert into telephony.untold_usage as t (org_id, trunk_id, ban, calls, completed, seconds, messages)
  select ${orgId}::uuid, trunk_id, ban, count(*) filter (where kind = 1), count(*) filter (where answered), sum(seconds),
    count(*) filter (where kind = 2)
  from new where started_at >= ${toldSince(now)}::timestamptz
  group by trunk_id, ban order by trunk_id
  on conflict (org_id, trunk_id) do update set calls = t.calls + excluded.calls, completed = t.completed + excluded.completed,
    seconds = t.seconds + excluded.seconds, messages = t.messages + excluded.messages`

/**
 * What came in over the trunks of these accounts since it was taken last, and how many calls are under way: one statement for all. Taken
 * is each record once; what somebody adds to just now is left to the next. Trunks of which there is neither are absent.
 */
export const takeTrunkTicks = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  at: Date,
): Promise<(TrunkTickRow & { ban: string })[]> => {
  const { rows } = await sql<TrunkTickRow & { ban: string }>`
    with d as materialized (
      select trunk_id from telephony.untold_usage
      where org_id = ${orgId} and ban = any(${bans}::text[]) order by trunk_id for update skip locked
    ), came as (
      delete from telephony.untold_usage u using d where u.org_id = ${orgId} and u.trunk_id = d.trunk_id
      returning u.trunk_id, u.calls, u.completed, u.seconds, u.messages
    ), counted as (
      select trunk_id, calls from telephony.active_calls
      where org_id = ${orgId} and ban = any(${bans}::text[]) and at > ${currentSince(at)}::timestamptz
    )
    select t.id as "trunkId", t.ban, coalesce(c.calls, 0) as "activeCalls", coalesce(b.calls, 0) as calls,
      coalesce(b.completed, 0) as "completedCalls", coalesce(b.seconds, 0)::float8 as seconds, coalesce(b.messages, 0) as messages
    from telephony.trunks t left join came b on b.trunk_id = t.id left join counted c on c.trunk_id = t.id
    where t.org_id = ${orgId} and t.ban = any(${bans}::text[]) and (b.trunk_id is not null or c.trunk_id is not null)
    order by t.ban, t.id`.execute(tx)
  return rows
}
