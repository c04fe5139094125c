import { sql } from 'kysely'
import type { PortalRoute, Stray } from '../domain/webhook.ts'
import type { Transaction } from './transaction.ts'

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
