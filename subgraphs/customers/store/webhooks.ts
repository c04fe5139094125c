import { sql } from 'kysely'
import type { PortalRoute, Stray } from '../domain/webhook.ts'
import type { Transaction } from './transaction.ts'

/** What became of a delivery. */
export type DeliveryStatus = 'RECEIVED' | 'APPLIED' | 'FAILED' | 'IGNORED' | 'UNROUTABLE'

/** A record to be read again, as a delivery remembers it. */
export type WebhookRecordRow = readonly [type: string, externalId: string]

export interface NewDelivery {
  id: string
  integration_id: string
  portal_id: string
  receiver: string
  received_at: Date
  oldest_event_at: Date | null
  attempt: number
  events: readonly object[]
  records: readonly WebhookRecordRow[]
  event_count: number
  ignored_count: number
  duplicate_count: number
  status: DeliveryStatus
  raw_sealed: string | null
}

/**
 * Which connections portals belong to, of all organisations: for the relay.
 * @param portalIds null: of all portals there are, so far as there is only one
 */
export const routesOf = async (
  tx: Transaction,
  portalIds: readonly string[],
  { withOnly }: { withOnly: boolean },
): Promise<PortalRoute[]> => {
  const { rows } = await sql<PortalRoute>`
    select portal_id as "portalId", org_id as "orgId", id as "integrationId", disconnected_at is null as "isConnected"
    from customers.integrations
    where portal_id = any(${portalIds}::text[]) ${
      withOnly
        ? sql`or portal_id = (
      select min(portal_id) from customers.integrations having count(distinct portal_id) = 1)`
        : sql``
    }
    order by org_id, id`.execute(tx)
  return rows
}

/** A delivery for a portal that nobody is connected to. */
export interface NewStray {
  id: string
  portal_id: string
  receiver: string
  received_at: Date
  event_count: number
  raw_sealed: string
}

/** What is kept of one portal that nobody is connected to; of what comes beyond that only the count. */
const MOST_KEPT = 1_000

/** Counts deliveries for portals that nobody is connected to, and keeps the first of them: for the relay. Two statements. */
export const keepStrays = async (
  tx: Transaction,
  strays: readonly Stray[],
  kept: readonly NewStray[],
): Promise<void> => {
  if (strays.length === 0) return
  await sql`
    insert into customers.unroutable_portals as p (portal_id, first_at, last_at, deliveries, events)
    select "portalId", at, at, deliveries, events
    from json_to_recordset(${JSON.stringify(strays)}::json) as s("portalId" text, at timestamptz, deliveries bigint, events bigint)
    order by 1
    on conflict (portal_id) do update set last_at = greatest(p.last_at, excluded.last_at),
      deliveries = p.deliveries + excluded.deliveries, events = p.events + excluded.events`.execute(tx)
  await sql`
    insert into customers.unroutable_deliveries (id, portal_id, receiver, received_at, event_count, raw_sealed)
    select id, portal_id, receiver, received_at, event_count, raw_sealed
    from json_to_recordset(${JSON.stringify(kept)}::json) as s(id uuid, portal_id text, receiver text, received_at timestamptz,
      event_count integer, raw_sealed text)
    where (select count(*) from (select from customers.unroutable_deliveries d
      where d.portal_id = s.portal_id limit ${MOST_KEPT}) had) < ${MOST_KEPT}`.execute(tx)
}

/**
 * Writes down events by their hashes: one statement.
 * @returns those that were not known, as `integration/hash`. Of two transactions that bring the same one, one is told so
 */
export const noteEvents = async (
  tx: Transaction,
  orgId: string,
  events: readonly { integration: string; hash: string; count: number }[],
  at: Date,
): Promise<Set<string>> => {
  // In one order, so that two who bring the same events wait for each other instead of for ever.
  const { rows } = await sql<{ integration: string; hash: string }>`
    with given as (
      select integration, decode(hash, 'hex') as hash, count
      from json_to_recordset(${JSON.stringify(events)}::json) as e(integration uuid, hash text, count integer)
    ), noted as (
      insert into customers.webhook_events as known (org_id, integration_id, hash, received_at, seen)
      select ${orgId}::uuid, integration, hash, ${at}::timestamptz, count from given order by integration, hash
      on conflict (integration_id, hash) do update set seen = known.seen + excluded.seen
      returning integration_id, hash, seen
    )
    select given.integration, encode(given.hash, 'hex') as hash from noted
    join given on given.integration = noted.integration_id and given.hash = noted.hash and given.count = noted.seen`.execute(
    tx,
  )
  return new Set(rows.map(({ integration, hash }) => `${integration}/${hash}`))
}

/** Writes down deliveries and counts them: one statement. @param at from when on their records wait to be read */
export const writeDeliveries = async (
  tx: Transaction,
  orgId: string,
  deliveries: readonly NewDelivery[],
  at: Date,
): Promise<void> => {
  if (deliveries.length === 0) return
  await sql`
    with written as (
      insert into customers.webhook_deliveries (org_id, id, integration_id, portal_id, receiver, received_at, oldest_event_at,
        attempt, events, records, event_count, ignored_count, duplicate_count, status, noted_at, raw_sealed)
      select ${orgId}::uuid, id, integration_id, portal_id, receiver, received_at, oldest_event_at,
        attempt, events, records, event_count, ignored_count, duplicate_count, status, ${at}::timestamptz, raw_sealed
      from json_to_recordset(${JSON.stringify(deliveries)}::json) as d(id uuid, integration_id uuid, portal_id text, receiver text,
        received_at timestamptz, oldest_event_at timestamptz, attempt integer, events jsonb, records jsonb, event_count integer,
        ignored_count integer, duplicate_count integer, status text, raw_sealed text)
      returning integration_id, received_at, event_count, ignored_count, duplicate_count
    )
    insert into customers.webhook_days as w (org_id, integration_id, day, deliveries, events, ignored, duplicates, applied, latency_ms)
    select ${orgId}::uuid, integration_id, (received_at at time zone 'UTC')::date, count(*),
      sum(event_count - duplicate_count), sum(ignored_count), sum(duplicate_count), 0, 0
    from written group by 2, 3 order by 2, 3
    on conflict (org_id, integration_id, day) do update set deliveries = w.deliveries + excluded.deliveries,
      events = w.events + excluded.events, ignored = w.ignored + excluded.ignored,
      duplicates = w.duplicates + excluded.duplicates`.execute(tx)
}

/** Writes down that people are to be forgotten: one statement. */
export const notePrivacyRequests = async (
  tx: Transaction,
  orgId: string,
  requests: readonly { integration: string; externalId: string }[],
  at: Date,
): Promise<void> => {
  if (requests.length === 0) return
  await sql`
    insert into customers.privacy_requests (org_id, integration_id, external_id, requested_at)
    select distinct ${orgId}::uuid, integration, "externalId", ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(requests)}::json) as r(integration uuid, "externalId" text)
    on conflict do nothing`.execute(tx)
}

/** Organisations that have deliveries: for the relay. */
export const organisationsWithDeliveries = async (tx: Transaction): Promise<string[]> => {
  const { rows } = await sql<{
    org_id: string
  }>`select distinct org_id from customers.webhook_deliveries`.execute(tx)
  return rows.map(({ org_id }) => org_id)
}
