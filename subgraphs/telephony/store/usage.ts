import { sql } from 'kysely'
import type { FirstCall } from '../domain/first-call.ts'
import { USAGE_CLASSES, type UsageRecord } from '../domain/usage.ts'
import { noteFresh } from './fresh-usage.ts'
import { noteUntold } from './ticks.ts'
import type { Transaction } from './transaction.ts'
import { overtakePeaks } from './utilisation.ts'
import { watch } from './watched.ts'

/** A record and the account that its trunk belongs to. */
export interface OwnedUsage extends UsageRecord {
  ban: string
}

const addingUp = (orgId: string) => sql`hashtextextended(${`telephony.usage ${orgId}`}, 0)`

/**
 * Holds an organisation's days as they are while records are added to them: those who add pass each other, since each writes sums in one
 * order; whoever adds them all up anew waits for all of them, and they for him.
 */
export const joinAddingUp = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock_shared(${addingUp(orgId)})`.execute(tx)
}

/** The accounts that trunks belong to, also those of trunks that are gone; one statement. Unknown trunks are absent. */
export const bansOfTrunks = async (
  tx: Transaction,
  orgId: string,
  trunkIds: readonly string[],
): Promise<Map<string, string>> => {
  const { rows } = await sql<{ id: string; ban: string }>`
    select id, ban from telephony.trunks where org_id = ${orgId} and id = any(${trunkIds}::uuid[])`.execute(
    tx,
  )
  return new Map(rows.map(({ id, ban }) => [id, ban]))
}

/** Makes room for records that began on these days of UTC, as `YYYY-MM-DD`: one statement. */
export const makeUsageDays = async (tx: Transaction, days: readonly string[]): Promise<void> => {
  await sql`select telephony.make_usage_days(${days}::date[])`.execute(tx)
}

/** Lets days of UTC before this one go, of all organisations. @returns how many there were */
export const dropUsageDays = async (tx: Transaction, before: Date): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select telephony.drop_usage_days(${before.toISOString().slice(0, 10)}::date) as n`.execute(tx)
  return rows[0]!.n
}

const sums = sql`sum(calls) as calls, sum(completed) as completed, sum(seconds) as seconds, sum(messages) as messages`
const addUp = sql`do update set calls = u.calls + excluded.calls, completed = u.completed + excluded.completed,
  seconds = u.seconds + excluded.seconds, messages = u.messages + excluded.messages`

/**
 * Writes records that are not there yet and adds them to quarters, hours and days, notes which hours are to be looked at again, what the
 * next tick has to tell, and each account's first call: one statement, however many records. Room for their days has to be made before, and the adding up joined.
 * @returns how many were new, and the first calls among them
 */
export const takeRecords = async (
  tx: Transaction,
  orgId: string,
  records: readonly OwnedUsage[],
  now: Date,
): Promise<{ accepted: number; firstCalls: FirstCall[] }> => {
  if (records.length === 0) return { accepted: 0, firstCalls: [] }
  const of = <T>(pick: (record: OwnedUsage) => T): T[] => records.map(pick)
  const { rows } = await sql<{ n: number; first: { ban: string; trunkId: string; calledAt: string }[] }>`
    with zone as (
      select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name
    ), new as (
      insert into telephony.usage_records (org_id, id, trunk_id, ban, started_at, seconds, kind, answered, class)
      select ${orgId}::uuid, r.* from unnest(${of(({ id }) => id)}::uuid[], ${of(({ trunkId }) => trunkId)}::uuid[],
        ${of(({ ban }) => ban)}::text[], ${of(({ startedAt }) => startedAt.toISOString())}::timestamptz[],
        ${of(({ seconds }) => seconds)}::integer[], ${of(({ kind }) => (kind === 'CALL' ? 1 : 2))}::smallint[],
        ${of(({ answered }) => answered)}::boolean[],
        ${of((record) => USAGE_CLASSES.indexOf(record.class) + 1)}::smallint[]) as r
      on conflict do nothing
      returning trunk_id, ban, started_at, seconds, kind, answered, class
    ), quarters as materialized (
      select ban, date_bin('15 minutes', started_at, timestamptz '2000-01-01 00:00Z') as slot, trunk_id, class,
        count(*) filter (where kind = 1)::integer as calls, count(*) filter (where answered)::integer as completed,
        sum(seconds) as seconds, count(*) filter (where kind = 2)::integer as messages
      from new group by 1, 2, 3, 4
    ), by_quarter as (
      insert into telephony.usage_quarters as u (org_id, ban, slot, trunk_id, class, calls, completed, seconds, messages)
      select ${orgId}::uuid, ban, slot, trunk_id, class, calls, completed, seconds, messages from quarters
      order by ban, slot, trunk_id, class
      on conflict (org_id, ban, slot, trunk_id, class) ${addUp}
    ), by_hour as (
      insert into telephony.usage_hours as u (org_id, ban, slot, trunk_id, class, calls, completed, seconds, messages)
      select ${orgId}::uuid, ban, date_trunc('hour', slot, 'UTC'), trunk_id, class, ${sums} from quarters
      group by 2, 3, 4, 5 order by 2, 3, 4, 5
      on conflict (org_id, ban, slot, trunk_id, class) ${addUp}
    ), by_day as (
      insert into telephony.usage_days as u (org_id, ban, slot, trunk_id, class, calls, completed, seconds, messages)
      select ${orgId}::uuid, ban, date_trunc('day', slot, zone.name), trunk_id, class, ${sums} from quarters, zone
      group by 2, 3, 4, 5 order by 2, 3, 4, 5
      on conflict (org_id, ban, slot, trunk_id, class) ${addUp}
    ), untold as (
      ${noteUntold(orgId, now)}
    ), first as (
      insert into telephony.first_calls (org_id, ban, trunk_id, called_at, observed_at)
      select distinct on (n.ban) ${orgId}::uuid, n.ban, n.trunk_id, n.started_at, ${now}::timestamptz
      from new n where n.answered
        and not exists (select from telephony.first_calls f where f.org_id = ${orgId}::uuid and f.ban = n.ban)
      order by n.ban, n.started_at, n.trunk_id
      on conflict do nothing
      returning ban, trunk_id, called_at
    ), fresh as (
      ${noteFresh(orgId, now)}
    ), overtaken as (
      ${overtakePeaks(orgId, now)}
    ), watching as (
      ${watch(orgId)}
    )
    select (select count(*)::integer from new) as n, (select count(*) from fresh) as fresh,
      (select coalesce(jsonb_agg(jsonb_build_object('ban', ban, 'trunkId', trunk_id, 'calledAt', called_at)), '[]') from first) as first`.execute(
    tx,
  )
  const { n, first } = rows[0]!
  const firstCalls = first.map(({ calledAt, ...call }) => ({ ...call, calledAt: new Date(calledAt) }))
  return { accepted: n, firstCalls }
}

/**
 * Notes in which time zone the organisation's days begin and end. Where that is another one than before, its days are added up anew:
 * two statements more.
 */
export const setTimeZone = async (tx: Transaction, orgId: string, timeZone: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${addingUp(orgId)})`.execute(tx)
  const { rows } = await sql<{ isNew: boolean }>`
    insert into telephony.organisations as o (org_id, time_zone) values (${orgId}::uuid, ${timeZone})
    on conflict (org_id) do update set time_zone = excluded.time_zone where o.time_zone <> excluded.time_zone
    returning true as "isNew"`.execute(tx)
  if (rows.length === 0) return
  await sql`delete from telephony.usage_days where org_id = ${orgId}`.execute(tx)
  await sql`
    insert into telephony.usage_days (org_id, ban, slot, trunk_id, class, calls, completed, seconds, messages)
    select org_id, ban, date_trunc('day', slot, ${timeZone}), trunk_id, class, ${sums}
    from telephony.usage_quarters where org_id = ${orgId} group by 1, 2, 3, 4, 5`.execute(tx)
}
