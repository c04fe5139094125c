import { sql } from 'kysely'
import type { Strengths } from '../domain/churn-factors.ts'
import type { Transaction } from './transaction.ts'

/** How likely customers were to leave at the beginning of a month, and how many did. */
export interface ChurnMonthRow {
  /** Its first day. */
  month: string
  customers: number
  /** How many were expected to leave, as a decimal. */
  expected: string
  left: number
  isOver: boolean
}

/**
 * Keeps how likely each customer is to leave as the beginning of a month, once: two statements. Nothing when it is kept already.
 * @param month its first day
 */
export const keepMonth = async (tx: Transaction, orgId: string, month: string): Promise<void> => {
  const { rows } = await sql`
    select 1 from insights.churn_months where org_id = ${orgId}::uuid and month = ${month}::date`.execute(tx)
  if (rows.length > 0) return
  await sql`
    with kept as (
      insert into insights.churn_snapshots (org_id, month, customer_id, percentage, strengths)
      select f.org_id, ${month}::date, f.customer_id, (f.found -> 'churn' ->> 'percentage')::numeric,
        coalesce((select json_object_agg(x ->> 'name', (x ->> 'strength')::numeric)
          from json_array_elements(f.found -> 'churn' -> 'factors') x), '{}')
      from insights.findings f
      where f.org_id = ${orgId}::uuid and f.found -> 'churn' ->> 'percentage' is not null
      on conflict do nothing
      returning percentage
    )
    insert into insights.churn_months (org_id, month, customers, expected)
    select ${orgId}::uuid, ${month}::date, count(*), coalesce(sum(percentage), 0) / 100 from kept
    on conflict do nothing`.execute(tx)
}

/**
 * Notes of the months that are not over who of their customers has left since, and who has not after all; counts them, and ends the months
 * whose days are over. Three statements. What was noted of a month that is over stays.
 * @param today as `YYYY-MM-DD`
 */
export const countLeavers = async (
  tx: Transaction,
  orgId: string,
  today: string,
  horizonDays: number,
): Promise<void> => {
  const open = sql`m.org_id = ${orgId}::uuid and not m.is_over`
  await sql`
    update insights.churn_snapshots s set left_on = f.left_on
    from insights.churn_months m, insights.findings f
    where ${open} and f.org_id = m.org_id and f.left_on between m.month and m.month + ${horizonDays}::int
      and s.org_id = m.org_id and s.month = m.month and s.customer_id = f.customer_id and s.left_on is distinct from f.left_on`.execute(
    tx,
  )
  // Whoever is somebody else's by now is not found any more, and has not come back.
  await sql`
    update insights.churn_snapshots s set left_on = null
    from insights.churn_months m, insights.findings f
    where ${open} and s.org_id = m.org_id and s.month = m.month and s.left_on is not null
      and f.org_id = s.org_id and f.customer_id = s.customer_id
      and (f.left_on is null or f.left_on not between m.month and m.month + ${horizonDays}::int)`.execute(tx)
  await sql`
    update insights.churn_months m set is_over = m.month + ${horizonDays}::int < ${today}::date, left_count = (
      select count(*) from insights.churn_snapshots s where s.org_id = m.org_id and s.month = m.month and s.left_on is not null
    )
    where ${open}`.execute(tx)
}

/** Forgets what single customers were likely to do in months before this one. The months themselves stay. */
export const forgetSnapshots = async (tx: Transaction, orgId: string, before: string): Promise<void> => {
  await sql`delete from insights.churn_snapshots where org_id = ${orgId}::uuid and month < ${before}::date`.execute(
    tx,
  )
}

/** A page of months, newest first. @param page.before only those before it, by its first day */
export const monthsBefore = async (
  tx: Transaction,
  orgId: string,
  page: { before: string | null; limit: number },
): Promise<ChurnMonthRow[]> => {
  const { rows } = await sql<ChurnMonthRow>`
    select month::text, customers, expected::text, left_count as left, is_over as "isOver"
    from insights.churn_months where org_id = ${orgId}::uuid and month < ${page.before ?? '9999-01-01'}::date
    order by month desc limit ${page.limit}`.execute(tx)
  return rows
}

/** Months that are over, newest first, by their first day. */
export const monthsOver = async (tx: Transaction, orgId: string): Promise<string[]> => {
  const { rows } = await sql<{ month: string }>`
    select month::text from insights.churn_months where org_id = ${orgId}::uuid and is_over order by month desc`.execute(
    tx,
  )
  return rows.map(({ month }) => month)
}

/** A kept customer of a month, and whether it left. */
export interface SnapshotRow {
  strengths: Strengths
  left: boolean
}

/** The customers of a month that is over: of each `everyNth`, chosen by their ids. One statement. */
export const snapshotsOf = async (
  tx: Transaction,
  orgId: string,
  month: string,
  everyNth: number,
): Promise<SnapshotRow[]> => {
  const { rows } = await sql<SnapshotRow>`
    select s.strengths, s.left_on is not null as left from insights.churn_snapshots s
    where s.org_id = ${orgId}::uuid and s.month = ${month}::date and abs(hashtext(s.customer_id)) % ${everyNth} = 0
    order by s.customer_id`.execute(tx)
  return rows
}
