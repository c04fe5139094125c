import { sql } from 'kysely'
import { currentSince } from '../domain/active-calls.ts'
import type { Transaction } from './transaction.ts'

/** What is measured of an account as a whole. */
export interface AccountMeasures {
  ban: string
  /** Whether there is anything to watch: an account that has left us is not. */
  isLive: boolean
  currency: string
  /** 0 where none is agreed. */
  creditLimit: string
  spendLimit: string | null
  /** Ordered for all of its trunks together, a month. */
  monthlyMinutes: number
  /** Billed and not paid, in the account's currency. */
  unpaid: string
  /** Talked since the month began. */
  seconds: string
}

/** What is measured of a trunk that is not taken down. */
export interface TrunkMeasures {
  id: string
  ban: string
  allowedCalls: number
  /** Under way now, or, where the platform says nothing, the most at once that the calls of this hour and of the one before show. */
  calls: number | null
  /** Of the last hour: the quarter under way and the three before. */
  tried: number
  answered: number
}

/** What there is to measure of these accounts: one statement for all. The month is one of the organisation. */
export const measuresOfAccounts = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  at: Date,
): Promise<AccountMeasures[]> => {
  const { rows } = await sql<AccountMeasures>`
    with zone as materialized (
      select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name
    ), month as materialized (
      select date_trunc('month', ${at}::timestamptz at time zone name) at time zone name as began,
        (date_trunc('month', ${at}::timestamptz at time zone name) + interval '1 month') at time zone name as ended
      from zone
    ), talked as (
      select u.ban, sum(u.seconds) as seconds from month m join telephony.usage_days u
        on u.org_id = ${orgId} and u.ban = any(${bans}::text[]) and u.slot >= m.began and u.slot < m.ended
      group by u.ban
    ), ordered as (
      select ban, sum(monthly_minutes) as minutes from telephony.trunks
      where org_id = ${orgId} and ban = any(${bans}::text[]) and status <> 'DELETED' group by ban
    ), billed as (
      select ban, currency, sum(total) as unpaid from telephony.invoices
      where org_id = ${orgId} and ban = any(${bans}::text[]) and status in ('ISSUED', 'OVERDUE') group by ban, currency
    )
    select a.ban, a.status <> 'CHURNED' as "isLive", a.currency, case when a.has_credit_limit then a.credit_limit else 0 end as "creditLimit", l.amount as "spendLimit",
      coalesce(o.minutes, 0)::float8 as "monthlyMinutes", coalesce(t.seconds, 0)::text as seconds,
      coalesce(b.unpaid, 0)::text as unpaid
    from telephony.billing_accounts a
    left join talked t on t.ban = a.ban
    left join ordered o on o.ban = a.ban
    left join billed b on b.ban = a.ban and b.currency = a.currency
    left join telephony.spend_limits l on l.org_id = a.org_id and l.ban = a.ban
    where a.org_id = ${orgId} and a.ban = any(${bans}::text[])
    order by a.ban`.execute(tx)
  return rows
}

/** What there is to measure of the trunks of these accounts: one statement for all. */
export const measuresOfTrunks = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  at: Date,
): Promise<TrunkMeasures[]> => {
  const { rows } = await sql<TrunkMeasures>`
    with recent as (
      select trunk_id, sum(calls)::integer as tried, sum(completed)::integer as answered from telephony.usage_quarters
      where org_id = ${orgId} and ban = any(${bans}::text[])
        and slot >= date_bin('15 minutes', ${at}::timestamptz, timestamptz '2000-01-01 00:00Z') - interval '45 minutes'
      group by trunk_id
    ), shown as (
      -- An hour that has only begun shows no calls yet: by it alone every alert would close at the full hour.
      select trunk_id, max(counted_peak) as calls from telephony.trunk_hours
      where org_id = ${orgId} and ban = any(${bans}::text[])
        and slot between date_trunc('hour', ${at}::timestamptz, 'UTC') - interval '1 hour' and date_trunc('hour', ${at}::timestamptz, 'UTC')
      group by trunk_id
    )
    select t.id, t.ban, t.allowed_calls as "allowedCalls", coalesce(c.calls, s.calls) as calls,
      coalesce(r.tried, 0) as tried, coalesce(r.answered, 0) as answered
    from telephony.trunks t
    left join recent r on r.trunk_id = t.id
    left join telephony.active_calls c on c.org_id = t.org_id and c.trunk_id = t.id and c.at > ${currentSince(at)}::timestamptz
    left join shown s on s.trunk_id = t.id
    where t.org_id = ${orgId} and t.ban = any(${bans}::text[]) and t.status <> 'DELETED'
    order by t.id`.execute(tx)
  return rows
}
