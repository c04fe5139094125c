import { type RawBuilder, sql } from 'kysely'
import { LATEST_MS } from '../domain/active-calls.ts'
import type { UtilisationPointRow } from '../domain/utilisation.ts'
import { endOf, type FreshUsage } from './fresh-usage.ts'
import type { Transaction } from './transaction.ts'

/** The longest that a call lasts: so long before an hour those begin that are under way in it. */
const LONGEST = '24 hours'

/**
 * Peaks of an organisation are counted by one transaction at a time: of two that see different records of an hour, the one that sees fewer
 * must not write last.
 */
export const lockPeaks = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`telephony.peaks ${orgId}`}, 0))`.execute(tx)
}

/**
 * Finds out how many calls were under way at once in the hours of notes, and in later ones that their calls go on into: one
 * statement. A call is under way from the moment it began until the moment it ended, and not at that.
 */
export const countPeaks = async (
  tx: Transaction,
  orgId: string,
  notes: readonly FreshUsage[],
): Promise<void> => {
  await sql`
    with noted as (
      select * from jsonb_to_recordset(${JSON.stringify(notes)}::jsonb) as n(ban text, slot timestamptz, reach timestamptz)
    ), due as materialized (
      -- Calls that began in the hour may be under way in the next ones too.
      select distinct n.ban, s.slot from noted n, generate_series(n.slot, greatest(n.slot, n.reach - interval '1 microsecond'), interval '1 hour') as s(slot)
    ), calls as (
      select d.ban, d.slot, r.trunk_id, greatest(r.started_at, d.slot) as began,
        least(r.started_at + make_interval(secs => r.seconds), d.slot + interval '1 hour') as ended
      from telephony.usage_records r
      join due d on d.ban = r.ban and r.started_at < d.slot + interval '1 hour' and r.started_at + make_interval(secs => r.seconds) > d.slot
      where r.org_id = ${orgId} and r.seconds > 0
        and r.started_at >= (select min(slot) from due) - ${LONGEST}::interval
        and r.started_at < (select max(slot) from due) + interval '1 hour'
    ), steps as (
      select ban, slot, trunk_id, began as at, 1 as step from calls union all select ban, slot, trunk_id, ended, -1 from calls
    ), running as (
      -- Who ends at the moment at which another one begins is gone: down before up.
      select ban, slot, trunk_id,
        sum(step) over (partition by ban, slot, trunk_id order by at, step rows unbounded preceding) as calls
      from steps
    )
    insert into telephony.trunk_hours as h (org_id, ban, slot, trunk_id, counted_peak)
    select ${orgId}::uuid, ban, slot, trunk_id, max(calls) from running group by 2, 3, 4 order by 2, 3, 4
    on conflict (org_id, ban, slot, trunk_id) do update set counted_peak = excluded.counted_peak
    where h.counted_peak is distinct from excluded.counted_peak`.execute(tx)
}

/**
 * The part of a statement that says of hours that nobody knows how busy they were, since calls of them came too late to be laid over the
 * others. `new` are the records. Hours that nobody has counted, and in which calls began, need no word.
 */
export const overtakePeaks = (orgId: string, now: Date): RawBuilder<unknown> => {
  const began = sql`date_trunc('hour', n.started_at, 'UTC')`
  const isLate = sql`n.seconds > 0 and ${endOf} < ${new Date(now.getTime() - LATEST_MS)}::timestamptz`
  return sql`
  insert into telephony.trunk_hours as h (org_id, ban, slot, trunk_id)
  select ${orgId}::uuid, ban, slot, trunk_id from (
    -- Few calls go on into the next hour.
    select n.ban, s.slot, n.trunk_id
    from new n cross join lateral generate_series(${began} + interval '1 hour', ${endOf} - interval '1 microsecond', interval '1 hour') as s(slot)
    where ${isLate} and ${endOf} > ${began} + interval '1 hour'
    union
    -- Looked up one by one: nearly none is there, and the table is long.
    select n.ban, n.slot, n.trunk_id from (select distinct n.ban, ${began} as slot, n.trunk_id from new n where ${isLate}) n
    cross join lateral (select from telephony.trunk_hours k where k.org_id = ${orgId}::uuid and k.ban = n.ban and k.slot = n.slot
      and k.trunk_id = n.trunk_id and k.counted_peak is not null limit 1) k
  ) o
  order by 2, 3, 4
  on conflict (org_id, ban, slot, trunk_id) do update set counted_peak = null where h.counted_peak is not null`
}

/** Of which trunks the hours are asked for, and from when until when, as ISO 8601 texts. */
export interface UtilisationSpan {
  from: string
  to: string
}

/** For each trunk its hours, one after the other with none left out; one statement for all trunks. */
export const utilisationSeries = async (
  tx: Transaction,
  orgId: string,
  trunkIds: readonly string[],
  { from, to }: UtilisationSpan,
): Promise<Map<string, UtilisationPointRow[]>> => {
  const { rows } = await sql<UtilisationPointRow & { trunkId: string }>`
    with hours as materialized (
      select slot from generate_series(date_trunc('hour', ${from}::timestamptz, 'UTC'), ${to}::timestamptz - interval '1 microsecond',
        interval '1 hour') as slot
    ), trunks as materialized (
      select id, ban, allowed_calls, monthly_minutes from telephony.trunks where org_id = ${orgId} and id = any(${trunkIds}::uuid[])
    ), used as (
      select t.id, u.slot, sum(u.seconds) as seconds
      from trunks t join telephony.usage_hours u on u.org_id = ${orgId} and u.ban = t.ban and u.trunk_id = t.id
      where u.slot >= (select min(slot) from hours) and u.slot < ${to}::timestamptz group by 1, 2
    )
    select t.id as "trunkId", h.slot as "from", t.allowed_calls as "allowedCalls", t.monthly_minutes as "monthlyMinutes",
      coalesce(u.seconds, 0)::float8 as seconds,
      -- Of talk there was a most at once, whether anybody has counted it or not; of an hour that is noted without a count too.
      case when p.counted_peak is null and (u.seconds > 0 or p.trunk_id is not null) then p.told_peak
        else coalesce(greatest(p.told_peak, p.counted_peak), 0) end as "peakCalls"
    from trunks t cross join hours h
    left join used u on u.id = t.id and u.slot = h.slot
    left join telephony.trunk_hours p on p.org_id = ${orgId} and p.ban = t.ban and p.slot = h.slot and p.trunk_id = t.id
    order by t.id, h.slot`.execute(tx)
  const byTrunk = Map.groupBy(rows, ({ trunkId }) => trunkId)
  return new Map([...byTrunk].map(([id, points]) => [id, points.map(({ trunkId: _, ...point }) => point)]))
}
