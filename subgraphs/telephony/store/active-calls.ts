import { sql } from 'kysely'
import { type ActiveCalls, currentSince } from '../domain/active-calls.ts'
import type { Transaction } from './transaction.ts'
import { watch } from './watched.ts'

/**
 * Takes counts over: the newest of each trunk is its current one, each counts for the hour it says. What a clock ahead of ours has counted is
 * true for now: kept at the moment it says, it would be newer than all that comes until then. One statement, however many; the same
 * counts again change nothing. The organisation's watch is held (`awaitWatching`).
 * @returns the accounts of which a current count is another one now
 */
export const takeActiveCalls = async (
  tx: Transaction,
  orgId: string,
  readings: readonly (ActiveCalls & { ban: string })[],
  now: Date,
): Promise<string[]> => {
  const of = <T>(pick: (reading: ActiveCalls & { ban: string }) => T): T[] => readings.map(pick)
  const { rows } = await sql<{ ban: string }>`
    with told as materialized (
      select * from unnest(${of(({ trunkId }) => trunkId)}::uuid[], ${of(({ ban }) => ban)}::text[],
        ${of(({ at }) => at.toISOString())}::timestamptz[], ${of(({ activeCalls }) => activeCalls)}::integer[]) as r(trunk_id, ban, at, calls)
    ), by_hour as (
      insert into telephony.trunk_hours as h (org_id, ban, slot, trunk_id, told_peak)
      select ${orgId}::uuid, ban, date_trunc('hour', at, 'UTC'), trunk_id, max(calls) from told group by 2, 3, 4 order by 2, 3, 4
      on conflict (org_id, ban, slot, trunk_id) do update set told_peak = greatest(h.told_peak, excluded.told_peak)
      where h.told_peak is null or h.told_peak < excluded.told_peak
    ), current as (
      insert into telephony.active_calls as a (org_id, trunk_id, ban, at, calls, ahead_to)
      select distinct on (t.trunk_id) ${orgId}::uuid, t.trunk_id, t.ban, least(t.at, ${now}::timestamptz), t.calls,
        case when t.at > ${now}::timestamptz then t.at end
      from told t where not exists (
        select from telephony.active_calls k where k.org_id = ${orgId}::uuid and k.trunk_id = t.trunk_id
          and (k.ahead_to = t.at or k.ahead_to > t.at and t.at > ${now}::timestamptz))
      order by t.trunk_id, t.at desc, t.calls desc
      on conflict (org_id, trunk_id) do update set at = excluded.at, calls = excluded.calls, ahead_to = coalesce(excluded.ahead_to, a.ahead_to)
      where a.at < excluded.at
      returning ban
    ), watching as (
      ${watch(orgId)}
    )
    select distinct ban from current order by ban`.execute(tx)
  return rows.map(({ ban }) => ban)
}

export interface CurrentCalls {
  trunkId: string
  calls: number
}

/** The current counts of these trunks, one statement for all; those that are too old are absent. */
export const activeCallsOf = async (
  tx: Transaction,
  orgId: string,
  trunkIds: readonly string[],
  now: Date,
): Promise<CurrentCalls[]> => {
  const { rows } = await sql<CurrentCalls>`
    select trunk_id as "trunkId", calls from telephony.active_calls
    where org_id = ${orgId} and trunk_id = any(${trunkIds}::uuid[]) and at > ${currentSince(now)}::timestamptz`.execute(
    tx,
  )
  return rows
}

/** The same added up by account. */
export const activeCallsOfAccounts = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  now: Date,
): Promise<{ ban: string; calls: number }[]> => {
  const { rows } = await sql<{ ban: string; calls: number }>`
    select ban, sum(calls)::integer as calls from telephony.active_calls
    where org_id = ${orgId} and ban = any(${bans}::text[]) and at > ${currentSince(now)}::timestamptz group by ban`.execute(
    tx,
  )
  return rows
}
