import { sql } from 'kysely'
import type { UsageDayRow } from '../domain/usage-days.ts'
import type { Transaction } from './transaction.ts'

const COLUMNS = sql`u.ban, u.day::text, u.calls::int, u.completed_calls::int, u.minutes::text, u.messages::int, u.spend::text, u.currency,
  u.acd::text, u.month_minutes::text, u.month_spend::text, u.observed_at`

/** Keeps days as they were told; what is known of a later moment stays. One statement. @returns how many it changed */
export const keepUsageDays = async (
  tx: Transaction,
  orgId: string,
  rows: readonly UsageDayRow[],
): Promise<number> => {
  if (rows.length === 0) return 0
  const { rows: kept } = await sql<{ ban: string }>`
    insert into customers.usage_days as u (org_id, ban, day, calls, completed_calls, minutes, messages, spend, currency, acd,
      month_minutes, month_spend, observed_at)
    select ${orgId}::uuid, r.ban, r.day, r.calls, r.completed_calls, r.minutes, r.messages, r.spend, r.currency, r.acd,
      r.month_minutes, r.month_spend, r.observed_at
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(ban text, day date, calls bigint, completed_calls bigint, minutes numeric,
      messages bigint, spend numeric, currency text, acd numeric, month_minutes numeric, month_spend numeric, observed_at timestamptz)
    order by r.ban, r.day
    on conflict (org_id, ban, day) do update set calls = excluded.calls, completed_calls = excluded.completed_calls,
      minutes = excluded.minutes, messages = excluded.messages, spend = excluded.spend, currency = excluded.currency, acd = excluded.acd,
      month_minutes = excluded.month_minutes, month_spend = excluded.month_spend, observed_at = excluded.observed_at
    where excluded.observed_at > u.observed_at
    returning u.ban`.execute(tx)
  return kept.length
}

/** The part of a statement that finds the days which companies have yet to be told of, of customers that have one in these portals. */
const unwritten = (orgId: string, portals: readonly string[]) => sql`
  customers.usage_days u
  join customers.identities i on i.org_id = u.org_id and i.system = 'WARP' and i.account_id = u.ban and i.gone_at is null
  where u.org_id = ${orgId}::uuid and u.written_as_of is distinct from u.observed_at
    and exists (select from customers.companies co where co.org_id = u.org_id and co.customer_id = i.customer_id and co.gone_at is null
      and co.integration_id = any(${portals}::uuid[]))`

/**
 * Days that companies of these customers have yet to be told of, where they have one in these portals: the others' wait until they have.
 * Nobody else takes them until the transaction ends. One statement.
 */
export const unwrittenDays = async (
  tx: Transaction,
  orgId: string,
  { customerIds, portals }: { customerIds: readonly string[]; portals: readonly string[] },
): Promise<{ ban: string; day: string; customerId: string }[]> => {
  const { rows } = await sql<{ ban: string; day: string; customerId: string }>`
    select u.ban, u.day::text, i.customer_id as "customerId" from ${unwritten(orgId, portals)}
      and i.customer_id = any(${customerIds}::uuid[])
    order by u.ban, u.day for update of u`.execute(tx)
  return rows
}

/** Whether some of these accounts, or left out any, have days that companies have yet to be told of: one statement. */
export const hasUnwrittenDays = async (
  tx: Transaction,
  orgId: string,
  bans?: readonly string[],
): Promise<boolean> => {
  const { rows } = await sql<{ has: boolean }>`
    select exists (select from customers.usage_days where org_id = ${orgId}::uuid and written_as_of is distinct from observed_at
      and (${bans === undefined} or ban = any(${bans ?? []}::text[]))) as has`.execute(tx)
  return rows[0]?.has ?? false
}

/** What accounts used on days: one statement. */
export const usageOn = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  days: readonly string[],
): Promise<UsageDayRow[]> => {
  const { rows } = await sql<UsageDayRow>`
    select ${COLUMNS} from customers.usage_days u
    where u.org_id = ${orgId}::uuid and u.ban = any(${bans}::text[]) and u.day = any(${days}::date[]) order by u.ban, u.day`.execute(
    tx,
  )
  return rows
}

/** Companies have been told of these days as they are: one statement. */
export const noteDaysWritten = async (
  tx: Transaction,
  orgId: string,
  days: readonly { ban: string; day: string }[],
): Promise<void> => {
  if (days.length === 0) return
  await sql`
    update customers.usage_days u set written_as_of = u.observed_at
    from json_to_recordset(${JSON.stringify(days)}::json) as r(ban text, day date)
    where u.org_id = ${orgId}::uuid and u.ban = r.ban and u.day = r.day`.execute(tx)
}

/** The newest day that companies of customers tell, and when it was written, by customer: one statement. */
export const usageWritten = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, { day: string | null; at: Date | null }>> => {
  const { rows } = await sql<{ customer_id: string; day: string | null; at: Date | null }>`
    select co.customer_id, max(a.usage_day)::text as day, max(a.usage_written_at) as at
    from customers.companies co join customers.account_companies a on a.org_id = co.org_id and a.company_id = co.id
    where co.org_id = ${orgId}::uuid and co.customer_id = any(${customerIds}::uuid[]) and co.gone_at is null
    group by co.customer_id`.execute(tx)
  return new Map(rows.map(({ customer_id, ...row }) => [customer_id, row]))
}

/** Notes the newest day that the companies of customers tell now, or (null) that it is still the same: one statement. */
export const noteUsageWritten = async (
  tx: Transaction,
  orgId: string,
  newest: ReadonlyMap<string, string | null>,
  at: Date,
): Promise<void> => {
  if (newest.size === 0) return
  const rows = [...newest].map(([customerId, day]) => ({ customerId, day }))
  await sql`
    update customers.account_companies a set usage_day = coalesce(r.day, a.usage_day), usage_written_at = ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r("customerId" uuid, day date)
    join customers.companies co on co.org_id = ${orgId}::uuid and co.customer_id = r."customerId" and co.gone_at is null
    where a.org_id = ${orgId}::uuid and a.company_id = co.id`.execute(tx)
}

/** A customer, and whether its companies tell a month that is over. */
export interface CustomerToWrite {
  id: string
  isStale: boolean
}

/**
 * A page of the customers whose companies in these portals have yet to be told of days, or tell a month that is over, by the day that they
 * were told last, or that there was when they came: one statement. Of an account that nobody has met no company tells: what it uses is told
 * once it has been met.
 * @param month as `YYYY-MM`
 */
export const customersToWrite = async (
  tx: Transaction,
  orgId: string,
  {
    month,
    portals,
    after,
    limit,
  }: { month: string; portals: readonly string[]; after: string; limit: number },
): Promise<CustomerToWrite[]> => {
  const { rows } = await sql<CustomerToWrite>`
    select id, bool_or(is_stale) as "isStale" from (
      select i.customer_id as id, false as is_stale from ${unwritten(orgId, portals)}
      union
      select co.customer_id, true from customers.account_companies a
      join customers.companies co on co.org_id = a.org_id and co.id = a.company_id and co.gone_at is null
      where a.org_id = ${orgId}::uuid
        and coalesce(a.usage_day, (select max(u.day) from customers.identities i
          join customers.usage_days u on u.org_id = i.org_id and u.ban = i.account_id
          where i.org_id = co.org_id and i.system = 'WARP' and i.customer_id = co.customer_id and i.gone_at is null)) < ${`${month}-01`}::date
        and (a.usage_written_at is null or a.usage_written_at < ${`${month}-01`}::date + interval '36 hours')
    ) c where id > ${after}::uuid group by id order by id limit ${limit}`.execute(tx)
  return rows
}

/** Whether companies tell of usage, now or once there are some: one statement. */
export const tellsUsage = async (tx: Transaction, orgId: string): Promise<boolean> => {
  const { rows } = await sql<{ tells: boolean }>`
    select exists (select from customers.usage_days where org_id = ${orgId}::uuid) as tells`.execute(tx)
  return rows[0]?.tells ?? false
}

/** Forgets old days, but for the newest of each account: one statement. */
export const forgetDaysBefore = async (tx: Transaction, orgId: string, before: Date): Promise<void> => {
  await sql`
    delete from customers.usage_days u where u.org_id = ${orgId}::uuid and u.day < ${before}::date
      and exists (select from customers.usage_days newer where newer.org_id = u.org_id and newer.ban = u.ban and newer.day > u.day)`.execute(
    tx,
  )
}
