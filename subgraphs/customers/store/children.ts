import { type RawBuilder, sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A person's record. */
export interface ContactRow {
  id: string
  integration_id: string
  external_id: string
  email: string | null
  first_name: string | null
  last_name: string | null
  phone: string | null
  job_title: string | null
  owner_id: string | null
  company_external_id: string | null
  valid_from: Date
  name_key: string
}

/** A deal's record, with what its pipeline says of its stage. */
export interface DealRow {
  id: string
  integration_id: string
  external_id: string
  name: string
  amount: string | null
  currency: string | null
  pipeline: string
  stage: string
  stage_label: string | null
  probability: string | null
  is_open: boolean
  is_won: boolean | null
  close_date: Date | null
  owner_id: string | null
  company_external_id: string | null
  source_created_at: Date
  valid_from: Date
}

/** A ticket's record. */
export interface TicketRow {
  id: string
  integration_id: string
  external_id: string
  subject: string
  stage: string
  stage_label: string | null
  is_open: boolean
  priority: string | null
  company_external_id: string | null
  source_created_at: Date
  valid_from: Date
}

interface ChildRows {
  contacts: ContactRow
  deals: DealRow
  tickets: TicketRow
}
export type ChildType = keyof ChildRows

const STAGE = (type: ChildType) => sql`
  left join customers.stages s on s.org_id = t.org_id and s.integration_id = t.integration_id and s.type = ${type}
    and s.pipeline_id = t.pipeline and s.stage_id = t.stage`

const SHAPES: Record<
  ChildType,
  {
    columns: RawBuilder<unknown>
    join: RawBuilder<unknown>
    order: RawBuilder<unknown>
    distinct: RawBuilder<unknown>
  }
> = {
  contacts: {
    columns: sql`t.id, t.integration_id, t.external_id, t.email, t.first_name, t.last_name, t.phone, t.job_title, t.owner_id,
      t.company_external_id, t.valid_from, t.name_key`,
    join: sql``,
    order: sql`name_key, id`,
    distinct: sql`t.name_key, t.id`,
  },
  deals: {
    columns: sql`t.id, t.integration_id, t.external_id, t.name, t.amount, coalesce(t.currency, n.currency) as currency, t.pipeline, t.stage,
      s.label as stage_label, s.probability, t.is_open, t.is_won, t.close_date, t.owner_id, t.company_external_id,
      t.source_created_at, t.valid_from`,
    join: sql`${STAGE('deals')} left join customers.integrations n on n.id = t.integration_id`,
    order: sql`source_created_at desc, id desc`,
    distinct: sql`t.source_created_at, t.id`,
  },
  tickets: {
    columns: sql`t.id, t.integration_id, t.external_id, t.subject, t.stage, s.label as stage_label, t.is_open, t.priority,
      t.company_external_id, t.source_created_at, t.valid_from`,
    join: STAGE('tickets'),
    order: sql`source_created_at desc, id desc`,
    distinct: sql`t.source_created_at, t.id`,
  },
}

/** Records by id: one statement. Gone ones are absent. */
export const childrenById = async <T extends ChildType>(
  tx: Transaction,
  orgId: string,
  type: T,
  ids: readonly string[],
): Promise<Map<string, ChildRows[T]>> => {
  const { columns, join } = SHAPES[type]
  const { rows } = await sql<ChildRows[T]>`
    select ${columns} from ${sql.table(`customers.${type}`)} t ${join}
    where t.org_id = ${orgId}::uuid and t.id = any(${ids}::uuid[]) and t.gone_at is null`.execute(tx)
  return new Map(rows.map((row) => [row.id, row]))
}

export interface ChildPage {
  open: boolean | null
  limit: number
  after: readonly (string | number | null)[] | null
}

const behind = (type: ChildType, after: ChildPage['after']): RawBuilder<unknown> => {
  if (!after) return sql``
  const [key, id] = after
  return type === 'contacts'
    ? sql`and (t.name_key, t.id) > (${key}, ${id}::uuid)`
    : sql`and (t.source_created_at, t.id) < (${key}::timestamptz, ${id}::uuid)`
}

// Through the edges, so that a record linked with several companies of a customer shows with each and counts once.
const reached = (type: ChildType, page: Pick<ChildPage, 'open'>): RawBuilder<unknown> => sql`
  customers.companies co
  join customers.edges e on e.org_id = co.org_id and e.integration_id = co.integration_id and e.to_type = 'companies'
    and e.to_id = co.external_id and e.from_type = ${type}
  join ${sql.table(`customers.${type}`)} t on t.org_id = e.org_id and t.integration_id = e.integration_id and t.external_id = e.from_id
    and t.gone_at is null ${page.open === null ? sql`` : sql`and t.is_open = ${page.open}`}`

/** A page of records for each of many customers: one statement. */
export const childrenOf = async <T extends ChildType>(
  tx: Transaction,
  orgId: string,
  type: T,
  customerIds: readonly string[],
  page: ChildPage,
): Promise<Map<string, ChildRows[T][]>> => {
  const { columns, join, order, distinct } = SHAPES[type]
  const { rows } = await sql<ChildRows[T] & { of_customer: string }>`
    select k.id as of_customer, p.* from unnest(${customerIds}::uuid[]) as k(id)
    cross join lateral (
      select * from (
        select distinct on (${distinct}) ${columns} from ${reached(type, page)} ${join}
        where co.org_id = ${orgId}::uuid and co.customer_id = k.id and co.gone_at is null ${behind(type, page.after)}
      ) one order by ${order} limit ${page.limit}
    ) p order by ${type === 'contacts' ? sql`p.name_key, p.id` : sql`p.source_created_at desc, p.id desc`}`.execute(
    tx,
  )
  return Map.groupBy(rows, (row) => row.of_customer)
}

/** How many records each of many customers has: one statement. */
export const countChildren = async (
  tx: Transaction,
  orgId: string,
  type: ChildType,
  customerIds: readonly string[],
  open: boolean | null,
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ customer_id: string; count: number }>`
    select co.customer_id, count(distinct t.id) as count from ${reached(type, { open })}
    where co.org_id = ${orgId}::uuid and co.customer_id = any(${customerIds}::uuid[]) and co.gone_at is null
    group by co.customer_id`.execute(tx)
  return new Map(rows.map((row) => [row.customer_id, row.count]))
}
