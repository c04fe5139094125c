import { type RawBuilder, sql } from 'kysely'
import type { Transaction } from './transaction.ts'
import type { DeliveryStatus, WebhookRecordRow } from './webhooks.ts'

/** What of one POST concerned one connection, as it is shown. */
export interface WebhookDeliveryRow {
  id: string
  integration_id: string
  portal_id: string
  receiver: string
  received_at: Date
  oldest_event_at: Date | null
  attempt: number
  events: WebhookEventRow[]
  records: WebhookRecordRow[]
  event_count: number
  ignored_count: number
  duplicate_count: number
  status: DeliveryStatus
  applied_at: Date | null
  replayed_at: Date | null
  raw_sealed: string | null
}

/** An event as it is kept: without its value. */
export interface WebhookEventRow {
  subscriptionType: string
  objectId?: string
  propertyName?: string
  changeSource?: string
  occurredAt?: number
}

export interface DeliveryFilter {
  integrationId?: string | null
  status?: readonly DeliveryStatus[] | null
  receivedFrom?: Date | null
  receivedBefore?: Date | null
}

const COLUMNS = sql`id, integration_id, portal_id, receiver, received_at, oldest_event_at, attempt, events, records, event_count,
  ignored_count, duplicate_count, status, applied_at, replayed_at, raw_sealed`

/** Deliveries, newest first. `after` is the place of the last one of the page before. */
export const listDeliveries = async (
  tx: Transaction,
  orgId: string,
  filter: DeliveryFilter,
  page: { limit: number; after: readonly [receivedAt: string, id: string] | null },
): Promise<WebhookDeliveryRow[]> => {
  const { integrationId, status, receivedFrom, receivedBefore } = filter
  const { limit, after } = page
  const narrow = (is: unknown, condition: RawBuilder<unknown>) => (is ? sql`and ${condition}` : sql``)
  const { rows } = await sql<WebhookDeliveryRow>`
    select ${COLUMNS} from customers.webhook_deliveries where org_id = ${orgId}::uuid
      ${narrow(integrationId, sql`integration_id = ${integrationId}::uuid`)}
      ${narrow(status, sql`status = any(${status ?? []}::text[])`)}
      ${narrow(receivedFrom, sql`received_at >= ${receivedFrom}::timestamptz`)}
      ${narrow(receivedBefore, sql`received_at < ${receivedBefore}::timestamptz`)}
      ${narrow(after, sql`(received_at, id) < (${after?.[0]}::timestamptz, ${after?.[1]}::uuid)`)}
    order by received_at desc, id desc limit ${limit}`.execute(tx)
  return rows
}

/** A delivery, locked until the transaction ends. */
export const lockDelivery = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<WebhookDeliveryRow | undefined> => {
  const { rows } = await sql<WebhookDeliveryRow>`
    select ${COLUMNS} from customers.webhook_deliveries where org_id = ${orgId}::uuid and id = ${id}::uuid for update`.execute(
    tx,
  )
  return rows[0]
}

/** Notes that a delivery's records are to be read again. */
export const noteReplay = async (tx: Transaction, id: string, at: Date): Promise<void> => {
  await sql`update customers.webhook_deliveries
    set status = 'RECEIVED', replayed_at = ${at}::timestamptz, noted_at = ${at}::timestamptz, applied_at = null
    where id = ${id}::uuid`.execute(tx)
}

/** Organisations with deliveries that wait for their records to be read: for the relay. */
export const unsettledOrganisations = async (
  tx: Transaction,
  statuses: readonly DeliveryStatus[],
): Promise<string[]> => {
  const { rows } = await sql<{ org_id: string }>`
    select distinct org_id from customers.webhook_deliveries where status = any(${statuses}::text[])`.execute(
    tx,
  )
  return rows.map(({ org_id }) => org_id)
}

/**
 * Says of deliveries whose records have been read since that they are applied, or failed where one could not be stored; words
 * that are done with are forgotten. One statement.
 */
export const settleDeliveries = async (
  tx: Transaction,
  orgId: string,
  { statuses, at, limit }: { statuses: readonly DeliveryStatus[]; at: Date; limit: number },
): Promise<number> => {
  // Records are read in the order they were noted in, so a delivery is through once nothing of its kinds that was noted before it
  // waits any more: that costs nothing per record, however many wait.
  const { rows } = await sql<{ settled: number }>`
    with lanes as materialized (
      select connection_id, type, min(due_at) as oldest from sync.signals
      where org_id = ${orgId}::uuid and attempts = 0 group by connection_id, type
    ), through as (
      select d.id, d.integration_id, d.received_at, exists (
        select from jsonb_array_elements(d.records) r where exists (
          select from sync.signals s where s.org_id = d.org_id and s.connection_id = d.integration_id and s.type = r ->> 0
            and s.external_id = r ->> 1 and s.attempts > 0
        ) or exists (
          select from sync.dead_letters l where l.org_id = d.org_id and l.connection_id = d.integration_id and l.type = r ->> 0
            and l.external_id = r ->> 1 and l.direction = 'IN' and l.state = 'OPEN')) as fails
      from customers.webhook_deliveries d
      where d.org_id = ${orgId}::uuid and d.status = any(${statuses}::text[]) and not exists (
        select from jsonb_array_elements(d.records) r join lanes l
          on l.connection_id = d.integration_id and l.type = r ->> 0 and l.oldest <= d.noted_at)
      order by d.noted_at limit ${limit}
    ), settled as (
      update customers.webhook_deliveries d set status = case when t.fails then 'FAILED' else 'APPLIED' end,
        applied_at = case when t.fails then null else ${at}::timestamptz end,
        raw_sealed = case when t.fails then d.raw_sealed end
      from through t where d.id = t.id and d.status is distinct from case when t.fails then 'FAILED' else 'APPLIED' end
      returning d.integration_id, d.received_at, d.replayed_at, d.status
    ), counted as (
      insert into customers.webhook_days as w (org_id, integration_id, day, deliveries, events, ignored, duplicates, applied, latency_ms)
      select ${orgId}::uuid, integration_id, (received_at at time zone 'UTC')::date, 0, 0, 0, 0, count(*),
        sum(greatest(0, extract(epoch from ${at}::timestamptz - received_at) * 1000))::bigint
      from settled where status = 'APPLIED' and replayed_at is null group by 2, 3 order by 2, 3
      on conflict (org_id, integration_id, day) do update set
        applied = w.applied + excluded.applied, latency_ms = w.latency_ms + excluded.latency_ms
    )
    select count(*)::integer as settled from settled`.execute(tx)
  return rows[0]?.settled ?? 0
}

/** How a connection's webhooks are doing. */
export interface WebhookSummaryRow {
  integration_id: string
  last_received_at: Date
  waiting: number
  failed: number
  days: WebhookDayRow[]
}

/** One day of a connection's webhooks, as JSON holds it. */
export interface WebhookDayRow {
  day: string
  deliveries: number
  events: number
  ignored: number
  duplicates: number
  applied: number
  latency_ms: number
}

/** How the webhooks of connections are doing, by connection. Those that never got one are absent. */
export const summariesOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
  since: Date,
): Promise<Map<string, WebhookSummaryRow>> => {
  const { rows } = await sql<WebhookSummaryRow>`
    select asked.id as integration_id, newest.received_at as last_received_at,
      (select count(*)::integer from customers.webhook_deliveries d
        where d.org_id = ${orgId}::uuid and d.integration_id = asked.id and d.status = 'RECEIVED') as waiting,
      (select count(*)::integer from customers.webhook_deliveries d
        where d.org_id = ${orgId}::uuid and d.integration_id = asked.id and d.status = 'FAILED') as failed,
      coalesce((select json_agg(w order by w.day desc) from customers.webhook_days w
        where w.org_id = ${orgId}::uuid and w.integration_id = asked.id and w.day >= ${since}::timestamptz::date), '[]') as days
    from unnest(${integrationIds}::uuid[]) as asked (id)
    cross join lateral (
      select received_at from customers.webhook_deliveries d
      where d.org_id = ${orgId}::uuid and d.integration_id = asked.id order by received_at desc, id desc limit 1) newest`.execute(
    tx,
  )
  return new Map(rows.map((row) => [row.integration_id, row]))
}

/** Forgets deliveries, words and hashes of events that are older: at most `limit` of each. @returns the most that went of one */
export const forgetDeliveries = async (
  tx: Transaction,
  orgId: string,
  {
    before,
    wordsBefore,
    hashesBefore,
    daysBefore,
    limit,
  }: Record<'before' | 'wordsBefore' | 'hashesBefore' | 'daysBefore', Date> & {
    limit: number
  },
): Promise<number> => {
  const gone = [
    await sql`delete from customers.webhook_deliveries where id in (
      select id from customers.webhook_deliveries where org_id = ${orgId}::uuid and received_at < ${before}::timestamptz
      order by received_at limit ${limit})`.execute(tx),
    await sql`delete from customers.webhook_events where org_id = ${orgId}::uuid and (integration_id, hash) in (
      select integration_id, hash from customers.webhook_events
      where org_id = ${orgId}::uuid and received_at < ${hashesBefore}::timestamptz order by received_at limit ${limit})`.execute(
      tx,
    ),
    await sql`update customers.webhook_deliveries set raw_sealed = null where id in (
      select id from customers.webhook_deliveries
      where org_id = ${orgId}::uuid and raw_sealed is not null and received_at < ${wordsBefore}::timestamptz
      order by received_at limit ${limit})`.execute(tx),
  ]
  await sql`delete from customers.webhook_days where org_id = ${orgId}::uuid and day < ${daysBefore}::timestamptz::date`.execute(
    tx,
  )
  return Math.max(...gone.map(({ numAffectedRows }) => Number(numAffectedRows ?? 0n)))
}

/** Organisations for which a delivery has come since: for the relay. */
export const organisationsSince = async (tx: Transaction, since: Date): Promise<string[]> => {
  const { rows } = await sql<{ org_id: string }>`
    select distinct org_id from customers.webhook_deliveries where received_at >= ${since}::timestamptz`.execute(
    tx,
  )
  return rows.map(({ org_id }) => org_id)
}

/** A connection of which somebody should know. */
export interface TroubledConnection {
  integration_id: string
  /** Deliveries that were tried so often before. */
  late: number
  /** Deliveries that came although it was ended. */
  ended: number
}

/** Connections whose deliveries since then had been tried so often, or came although they were ended. */
export const troubledConnections = async (
  tx: Transaction,
  orgId: string,
  { since, attempt }: { since: Date; attempt: number },
): Promise<TroubledConnection[]> => {
  const { rows } = await sql<TroubledConnection>`
    select integration_id, count(*) filter (where attempt >= ${attempt})::integer as late,
      count(*) filter (where status = 'UNROUTABLE')::integer as ended
    from customers.webhook_deliveries
    where org_id = ${orgId}::uuid and received_at >= ${since}::timestamptz and (attempt >= ${attempt} or status = 'UNROUTABLE')
    group by integration_id order by integration_id`.execute(tx)
  return rows
}
