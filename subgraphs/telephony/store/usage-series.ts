import { type RawBuilder, sql } from 'kysely'
import type { UsageGrain, UsagePointRow } from '../domain/usage.ts'
import type { Transaction } from './transaction.ts'

/** Whose usage is asked for: that of accounts, or of one trunk of an account. */
export interface UsageOwner {
  bans: readonly string[]
  trunkId: string | null
}

/** Of which stretch of time, as ISO 8601 texts. */
export interface UsageSpan {
  from: string
  to: string
  grain: UsageGrain
}

/** Each grain's table and the beginnings of its points from `from` until before `to`. */
const grains: Record<UsageGrain, { table: string; step: string; isLocal?: boolean }> = {
  MINUTE: { table: 'telephony.usage_records', step: '1 minute' },
  QUARTER_HOUR: { table: 'telephony.usage_quarters', step: '15 minutes' },
  HOUR: { table: 'telephony.usage_hours', step: '1 hour' },
  DAY: { table: 'telephony.usage_days', step: '1 day', isLocal: true },
}

const pointsOf = ({ from, to, grain }: UsageSpan, zone: RawBuilder<unknown>): RawBuilder<unknown> => {
  const { step, isLocal } = grains[grain]
  const first = isLocal
    ? sql`date_trunc('day', ${from}::timestamptz, ${zone})`
    : sql`date_bin(${step}::interval, ${from}::timestamptz, timestamptz '2000-01-01 00:00Z')`
  return sql`generate_series(${first}, ${to}::timestamptz - interval '1 microsecond', ${step}::interval, ${isLocal ? zone : sql`'UTC'`})`
}

// Single records have no slot: they are as many points as there are minutes in which they began.
const rowsOf = (grain: UsageGrain): RawBuilder<unknown> =>
  grain === 'MINUTE'
    ? sql`(select org_id, ban, trunk_id, date_trunc('minute', started_at) as slot, started_at, (kind = 1)::integer as calls,
        answered::integer as completed, seconds, (kind = 2)::integer as messages from telephony.usage_records)`
    : sql.table(grains[grain].table)

/** For each owner its points, one after the other with none left out; one statement for all owners. */
export const usageSeries = async (
  tx: Transaction,
  orgId: string,
  owners: readonly UsageOwner[],
  span: UsageSpan,
): Promise<UsagePointRow[][]> => {
  const asked = JSON.stringify(owners.map(({ bans, trunkId }, n) => ({ n, bans, trunk: trunkId })))
  const zone = sql`(select name from zone)`
  const began = span.grain === 'MINUTE' ? sql`u.started_at` : sql`u.slot`
  const { rows } = await sql<UsagePointRow & { n: number }>`
    with zone as materialized (
      select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name
    ), points as materialized (
      select slot, row_number() over (order by slot) as place from ${pointsOf(span, zone)} as slot
    ), sums as (
      select o.n, u.slot, sum(u.calls) as calls, sum(u.completed) as completed, sum(u.seconds) as seconds, sum(u.messages) as messages
      from jsonb_to_recordset(${asked}::jsonb) as o(n integer, bans text[], trunk uuid)
      join ${rowsOf(span.grain)} u on u.org_id = ${orgId}::uuid and u.ban = any(o.bans) and (o.trunk is null or u.trunk_id = o.trunk)
        and ${began} >= (select min(slot) from points) and ${began} < ${span.to}::timestamptz
      group by 1, 2
    )
    select o.n, p.slot as "from", coalesce(s.calls, 0)::integer as calls, coalesce(s.completed, 0)::integer as completed,
      coalesce(s.seconds, 0)::float8 as seconds, coalesce(s.messages, 0)::integer as messages
    from generate_series(0, ${owners.length - 1}::integer) as o(n) cross join points p left join sums s on s.n = o.n and s.slot = p.slot
    order by o.n, p.place`.execute(tx)
  const byOwner = Map.groupBy(rows, ({ n }) => n)
  return owners.map((_, n) => (byOwner.get(n) ?? []).map(({ n: _n, ...point }) => point))
}
