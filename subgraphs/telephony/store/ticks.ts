import { sql } from 'kysely'
import { currentSince } from '../domain/active-calls.ts'
import type { TrunkTickRow } from '../domain/ticks.ts'
import type { Transaction } from './transaction.ts'

/**
 * What began over the trunks of these accounts between two moments, and how many calls are under way: one statement for all. Trunks of
 * which there is neither are absent.
 */
export const trunkTicks = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  { from, to }: { from: Date; to: Date },
): Promise<(TrunkTickRow & { ban: string })[]> => {
  const { rows } = await sql<TrunkTickRow & { ban: string }>`
    with began as (
      select trunk_id, count(*) filter (where kind = 1)::integer as calls, count(*) filter (where answered)::integer as completed,
        sum(seconds)::float8 as seconds, count(*) filter (where kind = 2)::integer as messages
      from telephony.usage_records
      where org_id = ${orgId} and ban = any(${bans}::text[]) and started_at >= ${from}::timestamptz and started_at < ${to}::timestamptz
      group by trunk_id
    ), counted as (
      select trunk_id, calls from telephony.active_calls
      where org_id = ${orgId} and ban = any(${bans}::text[]) and at > ${currentSince(to)}::timestamptz
    )
    select t.id as "trunkId", t.ban, coalesce(c.calls, 0) as "activeCalls", coalesce(b.calls, 0) as calls,
      coalesce(b.completed, 0) as "completedCalls", coalesce(b.seconds, 0) as seconds, coalesce(b.messages, 0) as messages
    from telephony.trunks t left join began b on b.trunk_id = t.id left join counted c on c.trunk_id = t.id
    where t.org_id = ${orgId} and t.ban = any(${bans}::text[]) and (b.trunk_id is not null or c.trunk_id is not null)
    order by t.ban, t.id`.execute(tx)
  return rows
}
