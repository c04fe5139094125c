import { sql } from 'kysely'
import type { HeldHealth } from '../domain/health.ts'
import type { Transaction } from './transaction.ts'

/** What is known of customers' health: one statement. Customers of whom nothing was told are absent. */
export const healthOf = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, HeldHealth>> => {
  const { rows } = await sql<{ id: string; score: string | null; trend: HeldHealth['trend']; as_of: Date }>`
    select id, health_score as score, health_trend as trend, health_as_of as as_of from customers.customers
    where org_id = ${orgId}::uuid and id = any(${ids}::uuid[]) and health_as_of is not null`.execute(tx)
  const numberOf = (text: string | null) => (text === null ? null : Number(text))
  return new Map(
    rows.map((row) => [row.id, { score: numberOf(row.score), trend: row.trend, asOf: new Date(row.as_of) }]),
  )
}

/** Keeps health scores, to filter and order by: one statement. An older score than the one known is passed over. */
export const setHealth = async (
  tx: Transaction,
  orgId: string,
  scores: ReadonlyMap<string, HeldHealth>,
): Promise<void> => {
  if (scores.size === 0) return
  const rows = [...scores].map(([id, { score, trend, asOf }]) => ({ id, score, trend, as_of: asOf }))
  await sql`
    update customers.customers c set health_score = r.score, health_trend = r.trend, health_as_of = r.as_of
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(id uuid, score numeric, trend text, as_of timestamptz)
    where c.id = r.id and c.org_id = ${orgId}::uuid and (c.health_as_of is null or c.health_as_of <= r.as_of)`.execute(
    tx,
  )
}

/** Some customers of a portal's companies that have a health score, by id, behind one of them: one statement. */
export const scoredCustomers = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
  ask: { after: string | null; limit: number },
): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    select c.id from customers.customers c
    where c.org_id = ${orgId}::uuid and c.health_as_of is not null and (${ask.after}::uuid is null or c.id > ${ask.after}::uuid)
      and exists (select from customers.companies co where co.customer_id = c.id and co.org_id = c.org_id
        and co.integration_id = ${integrationId}::uuid and co.gone_at is null)
    order by c.id limit ${ask.limit}`.execute(tx)
  return rows.map(({ id }) => id)
}

/** How far a portal's companies say what their customers' health is. */
export interface HealthProgressRow {
  integration_id: string
  companies: number
  waiting: number
}

/** The same by connection: one statement. Connections whose companies have no scores are absent. */
export const healthProgress = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Map<string, HealthProgressRow>> => {
  const { rows } = await sql<HealthProgressRow>`
    select co.integration_id, count(*)::int as companies, count(o.local_id)::int as waiting
    from customers.companies co
    join customers.customers c on c.id = co.customer_id and c.org_id = co.org_id and c.health_as_of is not null
    left join sync.outgoing o on o.org_id = co.org_id and o.connection_id = co.integration_id and o.type = 'companies'
      and o.local_id = co.id
    where co.org_id = ${orgId}::uuid and co.integration_id = any(${integrationIds}::uuid[]) and co.gone_at is null
    group by co.integration_id`.execute(tx)
  return new Map(rows.map((row) => [row.integration_id, row]))
}
