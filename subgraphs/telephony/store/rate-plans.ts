import { sql } from 'kysely'
import type { RatePlanTerms } from '../domain/rate-plans.ts'
import type { Transaction } from './transaction.ts'

/** A rate plan with its newest version. */
export interface RatePlanRow {
  id: string
  name: string
  currency: string
  version: number
  terms: RatePlanTerms
  retiredAt: Date | null
  createdAt: Date
}

/** A version of a rate plan. */
export interface RatePlanVersionRow {
  planId: string
  version: number
  terms: RatePlanTerms
  createdAt: Date
}

/** By what an account is billed. */
export interface AccountRatePlanRow {
  ban: string
  planId: string
  version: number
  terms: RatePlanTerms
  /** As `YYYY-MM`. */
  fromMonth: string
}

const plans = sql`
  select p.id, p.name, p.currency, p.version, v.terms, p.retired_at as "retiredAt", p.created_at as "createdAt"
  from telephony.rate_plans p
  join telephony.rate_plan_versions v on v.org_id = p.org_id and v.plan_id = p.id and v.version = p.version`

/** The plans with these ids, one statement for all. */
export const ratePlansById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<RatePlanRow[]> => {
  const { rows } = await sql<RatePlanRow>`
    ${plans} where p.org_id = ${orgId} and p.id = any(${ids}::uuid[])`.execute(tx)
  return rows
}

/** A page of plans by name. `after` is (name, id). */
export const ratePlanPage = async (
  tx: Transaction,
  orgId: string,
  page: { withRetired: boolean; limit: number; after: readonly [string, string] | null },
): Promise<RatePlanRow[]> => {
  const { withRetired, limit, after } = page
  const live = withRetired ? sql`` : sql`and p.retired_at is null`
  const behind = after ? sql`and (p.name, p.id) > (${after[0]}, ${after[1]}::uuid)` : sql``
  const { rows } = await sql<RatePlanRow>`
    ${plans} where p.org_id = ${orgId} ${live} ${behind} order by p.name, p.id limit ${limit}`.execute(tx)
  return rows
}

/** All versions of these plans, newest first; one statement for all. */
export const versionsOf = async (
  tx: Transaction,
  orgId: string,
  planIds: readonly string[],
): Promise<RatePlanVersionRow[]> => {
  const { rows } = await sql<RatePlanVersionRow>`
    select plan_id as "planId", version, terms, created_at as "createdAt" from telephony.rate_plan_versions
    where org_id = ${orgId} and plan_id = any(${planIds}::uuid[]) order by plan_id, version desc`.execute(tx)
  return rows
}

/** Holds a plan until the transaction ends. @returns it, or undefined when there is none */
export const lockRatePlan = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<RatePlanRow | undefined> => {
  // Apart from reading it: whoever has waited for a new version would look for its terms as they were before, and find none.
  await sql`select from telephony.rate_plans where org_id = ${orgId} and id = ${id} for update`.execute(tx)
  const [plan] = await ratePlansById(tx, orgId, [id])
  return plan
}

/** Writes a plan that is new. @returns false when another one has its name */
export const insertRatePlan = async (
  tx: Transaction,
  orgId: string,
  plan: Omit<RatePlanRow, 'retiredAt'>,
): Promise<boolean> => {
  const { rows } = await sql`
    insert into telephony.rate_plans (org_id, id, name, currency, version, created_at, updated_at)
    values (${orgId}, ${plan.id}, ${plan.name}, ${plan.currency}, ${plan.version}, ${plan.createdAt}, ${plan.createdAt})
    on conflict (org_id, name) do nothing returning id`.execute(tx)
  if (rows.length === 0) return false
  await insertVersion(tx, orgId, { ...plan, planId: plan.id })
  return true
}

const insertVersion = async (tx: Transaction, orgId: string, version: RatePlanVersionRow): Promise<void> => {
  await sql`
    insert into telephony.rate_plan_versions (org_id, plan_id, version, terms, created_at)
    values (${orgId}, ${version.planId}, ${version.version}, ${JSON.stringify(version.terms)}::jsonb, ${version.createdAt})`.execute(
    tx,
  )
}

/** Gives a plan that is held its next version. */
export const addVersion = async (
  tx: Transaction,
  orgId: string,
  version: RatePlanVersionRow,
): Promise<void> => {
  await insertVersion(tx, orgId, version)
  await sql`
    update telephony.rate_plans set version = ${version.version}, updated_at = ${version.createdAt}
    where org_id = ${orgId} and id = ${version.planId}`.execute(tx)
}

/** Retires a plan. */
export const retirePlan = async (tx: Transaction, orgId: string, id: string, at: Date): Promise<void> => {
  await sql`
    update telephony.rate_plans set retired_at = ${at}, updated_at = ${at}
    where org_id = ${orgId} and id = ${id} and retired_at is null`.execute(tx)
}

/**
 * By what accounts are billed in the month of a day, or of a moment; accounts without a plan are absent. One statement for all.
 * @param on a moment, or a day of the organisation as `YYYY-MM-DD`
 */
export const accountPlansOn = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  on: Date | string,
): Promise<AccountRatePlanRow[]> => {
  const day =
    typeof on === 'string'
      ? sql`${on}::date`
      : sql`(${on.toISOString()}::timestamptz at time zone
          coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC'))::date`
  const { rows } = await sql<AccountRatePlanRow>`
    select a.ban, a.plan_id as "planId", a.version, v.terms, to_char(a.from_month, 'YYYY-MM') as "fromMonth"
    from (
      select distinct on (ban) ban, plan_id, version, from_month from telephony.account_rate_plans
      where org_id = ${orgId} and ban = any(${bans}::text[]) and from_month <= ${day} order by ban, from_month desc
    ) a join telephony.rate_plan_versions v on v.org_id = ${orgId} and v.plan_id = a.plan_id and v.version = a.version`.execute(
    tx,
  )
  return rows
}

/** Bills an account by a plan, or by none, from a month on. What was set for that month or a later one goes. */
export const setAccountPlan = async (
  tx: Transaction,
  orgId: string,
  set: { ban: string; fromMonth: string; planId: string | null; version: number | null; at: Date },
): Promise<void> => {
  const from = `${set.fromMonth}-01`
  await sql`
    delete from telephony.account_rate_plans where org_id = ${orgId} and ban = ${set.ban} and from_month >= ${from}::date`.execute(
    tx,
  )
  await sql`
    insert into telephony.account_rate_plans (org_id, ban, from_month, plan_id, version, set_at)
    values (${orgId}, ${set.ban}, ${from}::date, ${set.planId}::uuid, ${set.version}, ${set.at})`.execute(tx)
}
