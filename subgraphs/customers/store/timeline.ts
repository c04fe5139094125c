import { sql } from 'kysely'
import { EXTERNAL_KEY } from '../domain/own-properties.ts'
import type { TimelineState, TimelineWay, Tokens } from '../domain/timeline.ts'
import type { CatalogPlace } from './catalog.ts'
import type { Transaction } from './transaction.ts'

/** An event that is or will be on the timeline of a company. */
export interface TimelineEntryRow {
  id: string
  integration_id: string
  company_id: string
  kind: string
  tokens: Tokens
  occurred_at: Date
  state: TimelineState
  way: TimelineWay | null
  problem: string | null
}

/** An event that is to be written, with its company's id in the portal. */
export interface WaitingRow extends TimelineEntryRow {
  company_external_id: string
  is_gone: boolean
}

export type NewTimelineRow = Pick<
  TimelineEntryRow,
  'id' | 'integration_id' | 'company_id' | 'kind' | 'tokens' | 'occurred_at'
>

/** Keeps events: one statement. Those that are known already stay as they are. @returns the ids of those that were new */
export const insertTimeline = async (
  tx: Transaction,
  orgId: string,
  rows: readonly NewTimelineRow[],
  at: Date,
): Promise<Set<string>> => {
  if (rows.length === 0) return new Set()
  const { rows: made } = await sql<{ id: string }>`
    insert into customers.timeline_events (org_id, id, integration_id, company_id, kind, tokens, occurred_at, created_at)
    select ${orgId}::uuid, r.id, r.integration_id, r.company_id, r.kind, r.tokens, r.occurred_at, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json)
      as r(id uuid, integration_id uuid, company_id uuid, kind text, tokens jsonb, occurred_at timestamptz)
    order by r.id
    on conflict (org_id, id) do nothing returning id`.execute(tx)
  return new Set(made.map(({ id }) => id))
}

/** One company of each customer in each portal, the leading one where it is there: one statement. */
export const mainCompanies = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<{ id: string; integration_id: string; customer_id: string }[]> => {
  const { rows } = await sql<{ id: string; integration_id: string; customer_id: string }>`
    select distinct on (co.customer_id, co.integration_id) co.id, co.integration_id, co.customer_id
    from customers.companies co join customers.customers c on c.org_id = co.org_id and c.id = co.customer_id
    where co.org_id = ${orgId}::uuid and co.customer_id = any(${customerIds}::uuid[]) and co.gone_at is null
    order by co.customer_id, co.integration_id, (co.id = c.lead_company_id) desc nulls last, co.id`.execute(
    tx,
  )
  return rows
}

/** The portals that keep the hub's key of what is made there, as they last told: one statement. */
export const portalsWithKey = async (tx: Transaction, orgId: string): Promise<Set<string>> => {
  const { rows } = await sql<{ integration_id: string }>`
    select integration_id from customers.portal_properties
    where org_id = ${orgId}::uuid and type = 'companies' and name = ${EXTERNAL_KEY} and archived_at is null`.execute(
    tx,
  )
  return new Set(rows.map((row) => row.integration_id))
}

/** A company of a portal by the portal's id: one statement. */
export const companyNamed = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  externalId: string,
): Promise<string | undefined> => {
  const { rows } = await sql<{ id: string }>`
    select id from customers.companies where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid
      and external_id = ${externalId} and gone_at is null`.execute(tx)
  return rows[0]?.id
}

/** Events that are still to be written, among these: one statement. */
export const waitingTimeline = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  ids: readonly string[],
): Promise<WaitingRow[]> => {
  const { rows } = await sql<WaitingRow>`
    select e.id, e.integration_id, e.company_id, e.kind, e.tokens, e.occurred_at, e.state, e.way, e.problem,
      coalesce(co.external_id, '') as company_external_id, (co.id is null or co.gone_at is not null) as is_gone
    from customers.timeline_events e
    left join customers.companies co on co.org_id = e.org_id and co.id = e.company_id
    where e.org_id = ${orgId}::uuid and e.integration_id = ${integrationId}::uuid and e.id = any(${ids}::uuid[])
      and e.state in ('WAITING', 'SENDING')
    order by e.occurred_at, e.id`.execute(tx)
  return rows
}

/** What became of events: one statement. `way: null` lets another way be chosen. */
export const moveTimeline = async (
  tx: Transaction,
  orgId: string,
  moved: readonly { id: string; state: TimelineState; way: TimelineWay | null; problem?: string | null }[],
  at: Date,
): Promise<void> => {
  if (moved.length === 0) return
  await sql`
    update customers.timeline_events e set state = r.state, way = r.way, problem = r.problem,
      settled_at = case when r.state in ('WAITING', 'SENDING') then null else ${at}::timestamptz end
    from json_to_recordset(${JSON.stringify(moved)}::json) as r(id uuid, state text, way text, problem text)
    where e.org_id = ${orgId}::uuid and e.id = r.id`.execute(tx)
}

/** The events that wait for these companies to have ids in a portal: one statement. */
export const timelineWaitingFor = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  companyIds: readonly string[],
): Promise<string[]> => {
  if (companyIds.length === 0) return []
  const { rows } = await sql<{ id: string }>`
    select id from customers.timeline_events where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid
      and company_id = any(${companyIds}::uuid[]) and state = 'WAITING'`.execute(tx)
  return rows.map(({ id }) => id)
}

/** Events that were given up wait again: one statement. */
export const reviveTimeline = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<void> => {
  await sql`
    update customers.timeline_events set state = 'WAITING', way = null, problem = null, settled_at = null
    where org_id = ${orgId}::uuid and id = any(${ids}::uuid[]) and state = 'REFUSED'`.execute(tx)
}

/** What narrows and parts the events of customers. */
export interface TimelinePage {
  kinds: readonly string[] | null
  limit: number
  after: readonly (string | number | null)[] | null
}

/** The events of customers, the latest first: one statement for all. */
export const timelinesOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
  { kinds, limit, after }: TimelinePage,
): Promise<Map<string, TimelineEntryRow[]>> => {
  const [at = null, id = null] = after ?? []
  const { rows } = await sql<TimelineEntryRow & { customer_id: string }>`
    select k.id as customer_id, e.* from unnest(${customerIds}::uuid[]) as k(id)
    cross join lateral (
      select e.id, e.integration_id, e.company_id, e.kind, e.tokens, e.occurred_at, e.state, e.way, e.problem
      from customers.companies co join customers.timeline_events e on e.org_id = co.org_id and e.company_id = co.id
      where co.org_id = ${orgId}::uuid and co.customer_id = k.id
        and (${kinds}::text[] is null or e.kind = any(${kinds}::text[]))
        and (${at}::timestamptz is null
          or (date_trunc('milliseconds', e.occurred_at), e.id) < (${at}::timestamptz, ${id}::uuid))
      order by date_trunc('milliseconds', e.occurred_at) desc, e.id desc limit ${limit}) e`.execute(tx)
  return Map.groupBy(rows, (row) => row.customer_id)
}

/** One event. */
export const timelineById = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<TimelineEntryRow | undefined> => {
  const { rows } = await sql<TimelineEntryRow>`
    select id, integration_id, company_id, kind, tokens, occurred_at, state, way, problem from customers.timeline_events
    where org_id = ${orgId}::uuid and id = ${id}::uuid`.execute(tx)
  return rows[0]
}

/** Events by id: one statement. */
export const timelineByIds = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, TimelineEntryRow>> => {
  const { rows } = await sql<TimelineEntryRow>`
    select id, integration_id, company_id, kind, tokens, occurred_at, state, way, problem from customers.timeline_events
    where org_id = ${orgId}::uuid and id = any(${ids}::uuid[]) order by id for update`.execute(tx)
  return new Map(rows.map((row) => [row.id, row]))
}

/** Lets events that nobody has seen yet, or that are notes, carry other values: one statement. */
export const setTimelineTokens = async (
  tx: Transaction,
  orgId: string,
  rows: readonly Pick<TimelineEntryRow, 'id' | 'tokens'>[],
): Promise<void> => {
  if (rows.length === 0) return
  const values = rows.map(({ id, tokens }) => ({ id, tokens }))
  await sql`
    update customers.timeline_events e set tokens = r.tokens
    from json_to_recordset(${JSON.stringify(values)}::json) as r(id uuid, tokens jsonb)
    where e.org_id = ${orgId}::uuid and e.id = r.id`.execute(tx)
}
