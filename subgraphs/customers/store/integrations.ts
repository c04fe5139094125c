import { sql } from 'kysely'
import { keptConnections } from '#sync/connections.ts'
import type { HeldSettings, Settings } from '../domain/settings.ts'
import type { Transaction } from './transaction.ts'

/** A connection to a HubSpot portal. */
export interface IntegrationRow extends HeldSettings {
  id: string
  org_id: string
  base_url: string
  portal_id: string | null
  hub_domain: string | null
  time_zone: string | null
  currency: string | null
  status: 'ACTIVE' | 'NEEDS_REAUTH' | 'PAUSED'
  /** Properties to read, by type. */
  properties: Record<string, string[]>
  prepared_at: Date | null
  /** Null until the portal's properties have been read, and again when somebody wants them read anew. */
  catalog_read_at: Date | null
  last_sync_at: Date | null
  sync_count: number
  last_error: string | null
  last_error_at: Date | null
  /** Null while HubSpot has not told. */
  granted_scopes: string[] | null
  lacking_scopes: string[]
  settings_version: number
  /** The mode of the run that is to follow the one under way. */
  wanted_run: 'INCREMENTAL' | 'RECONCILE' | null
  disconnected_at: Date | null
  /** Since when records of trunks and numbers are kept there; null while they are not. */
  assets_since: Date | null
  /** Since when contacts are given to colleagues by themselves; null while they are not. */
  assigns_since: Date | null
  /** How it signs in; null once it was disconnected. */
  mode: 'TOKEN' | 'OAUTH' | null
  created_at: Date
}

/** The connections of the transaction's organisation, oldest first; only those named, when ids are given. Disconnected ones too. */
export const integrationsOf = async (
  tx: Transaction,
  orgId: string,
  ids?: readonly string[],
): Promise<IntegrationRow[]> => {
  const { rows } = await sql<IntegrationRow>`
    select n.id, n.org_id, n.name, n.base_url, n.portal_id, n.hub_domain, n.time_zone, n.currency, n.status, n.properties, n.prepared_at,
      n.catalog_read_at, n.last_sync_at, n.sync_count, n.last_error, n.last_error_at, n.granted_scopes, n.lacking_scopes, n.direction, n.frequency,
      n.auto_enrich, n.auto_score, n.auto_assign, n.auto_create_tasks, n.auto_create_deals, n.auto_link_rfqs, n.sends_addresses, n.inclusion, n.delete_percent,
      n.change_percent, n.timeline_kinds, n.settings_version,
      n.wanted_run, n.disconnected_at, n.assets_since, n.assigns_since, coalesce(c.mode, case when n.token_sealed is not null then 'TOKEN' end) as mode, n.created_at
    from customers.integrations n left join customers.credentials c on c.org_id = n.org_id and c.integration_id = n.id
    where n.org_id = ${orgId}::uuid ${ids ? sql`and n.id = any(${ids}::uuid[])` : sql``}
    order by n.created_at, n.id`.execute(tx)
  return rows
}

/** Whether emergency addresses may go to a portal, as it is set now: one statement. */
export const sendsAddressesTo = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
): Promise<boolean> => {
  const [row] = await integrationsOf(tx, orgId, [integrationId])
  return row?.sends_addresses ?? false
}

/** A connection as an earlier product shows it. */
export type CrmIntegrationRow = IntegrationRow

/** One page of the organisation's connections, oldest first. @param ask.ended whether those that were ended are among them */
export const integrationsPage = async (
  tx: Transaction,
  orgId: string,
  ask: { ended: boolean; limit: number; after: readonly (string | number | null)[] | null },
): Promise<IntegrationRow[]> => {
  const [at = null, id = null] = ask.after ?? []
  const { rows } = await sql<{ id: string }>`
    select id from customers.integrations where org_id = ${orgId}::uuid
      and (${ask.ended} or disconnected_at is null)
      and (${at}::timestamptz is null or (date_trunc('milliseconds', created_at), id) > (${at}::timestamptz, ${id}::uuid))
    order by date_trunc('milliseconds', created_at), id limit ${ask.limit}`.execute(tx)
  return await integrationsOf(
    tx,
    orgId,
    rows.map((row) => row.id),
  )
}

/** A connection, which nobody else changes until the transaction ends. */
export const lockIntegration = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<IntegrationRow | undefined> => {
  await sql`select from customers.integrations where org_id = ${orgId}::uuid and id = ${id}::uuid for update`.execute(
    tx,
  )
  return (await integrationsOf(tx, orgId, [id]))[0]
}

const kept = keptConnections('customers.integrations', {
  more: (at) => sql`, updated_at = ${at}::timestamptz`,
})
export const { wantRun, noteSync, needReauth } = kept

/** The organisation's connection to a portal, and nobody else makes one until the transaction ends. */
export const lockPortal = (
  tx: Transaction,
  orgId: string,
  { portalId: id, baseUrl }: { portalId: string; baseUrl: string },
): Promise<string | undefined> =>
  kept.lockAccount(tx, orgId, { lock: 'portal', column: 'portal_id', id, baseUrl })

/** What is known of a portal when it is connected. */
export interface Connecting {
  id: string
  orgId: string
  /** Null keeps the name it has. */
  name: string | null
  baseUrl: string
  portalId?: string | null
  hubDomain?: string | null
  grantedScopes?: readonly string[] | null
}

/** Writes a connection that was just made, or made again: it works, and nothing is known to be lacking. */
export const writeIntegration = async (tx: Transaction, row: Connecting, at: Date): Promise<void> => {
  await sql`
    insert into customers.integrations as n (id, org_id, name, base_url, portal_id, hub_domain, granted_scopes, created_at, updated_at)
    values (${row.id}::uuid, ${row.orgId}::uuid, ${row.name ?? row.hubDomain ?? 'HubSpot'}, ${row.baseUrl}, ${row.portalId ?? null},
      ${row.hubDomain ?? null}, ${row.grantedScopes ?? null}::text[], ${at}::timestamptz, ${at}::timestamptz)
    on conflict (id) do update set base_url = excluded.base_url, name = coalesce(${row.name}, n.name),
      portal_id = coalesce(excluded.portal_id, n.portal_id), hub_domain = coalesce(excluded.hub_domain, n.hub_domain),
      granted_scopes = excluded.granted_scopes, lacking_scopes = '{}', status = 'ACTIVE', last_error = null, last_error_at = null,
      disconnected_at = null, assets_since = null, updated_at = excluded.updated_at`.execute(tx)
}

/** Writes the settings given; those left out stay. */
export const writeSettings = async (
  tx: Transaction,
  orgId: string,
  id: string,
  settings: Partial<Settings>,
  at: Date,
): Promise<void> => {
  const { name, direction, frequency, inclusion } = settings
  const rules = inclusion ? JSON.stringify(inclusion) : null
  await sql`
    update customers.integrations set
      name = coalesce(${name ?? null}, name), direction = coalesce(${direction ?? null}, direction),
      frequency = coalesce(${frequency ?? null}, frequency), inclusion = coalesce(${rules}::jsonb, inclusion),
      auto_enrich = coalesce(${settings.autoEnrich ?? null}::boolean, auto_enrich),
      auto_score = coalesce(${settings.autoScore ?? null}::boolean, auto_score),
      auto_assign = coalesce(${settings.autoAssign ?? null}::boolean, auto_assign),
      auto_create_tasks = coalesce(${settings.autoCreateTasks ?? null}::boolean, auto_create_tasks),
      auto_create_deals = coalesce(${settings.autoCreateDeals ?? null}::boolean, auto_create_deals),
      auto_link_rfqs = coalesce(${settings.autoLinkRfqs ?? null}::boolean, auto_link_rfqs),
      sends_addresses = coalesce(${settings.sendsAddresses ?? null}::boolean, sends_addresses),
      delete_percent = coalesce(${settings.deletePercent ?? null}::integer, delete_percent),
      change_percent = coalesce(${settings.changePercent ?? null}::integer, change_percent),
      timeline_kinds = coalesce(${settings.timelineKinds ?? null}::text[], timeline_kinds),
      settings_version = settings_version + 1, updated_at = ${at}::timestamptz
    where id = ${id}::uuid and org_id = ${orgId}::uuid`.execute(tx)
}

/** Notes what a connection was found to be. What is left out stays. */
export const noteIntegration = async (
  tx: Transaction,
  orgId: string,
  id: string,
  note: {
    portalId?: string
    timeZone?: string
    currency?: string | null
    properties?: Record<string, string[]>
    preparedAt?: Date
    catalogReadAt?: Date
  },
  at: Date,
): Promise<void> => {
  await sql`
    update customers.integrations set
      portal_id = coalesce(${note.portalId ?? null}, portal_id), currency = coalesce(${note.currency ?? null}, currency),
      time_zone = coalesce(${note.timeZone ?? null}, time_zone),
      properties = coalesce(${note.properties ? JSON.stringify(note.properties) : null}::jsonb, properties),
      prepared_at = coalesce(${note.preparedAt ?? null}::timestamptz, prepared_at),
      catalog_read_at = coalesce(${note.catalogReadAt ?? null}::timestamptz, catalog_read_at),
      updated_at = ${at}::timestamptz
    where id = ${id}::uuid and org_id = ${orgId}::uuid`.execute(tx)
}

/** HubSpot has refused calls for want of scopes. @returns whether it is news */
export const noteLacking = async (
  tx: Transaction,
  orgId: string,
  id: string,
  scopes: readonly string[],
  at: Date,
): Promise<boolean> => {
  const { rows } = await sql<{ id: string }>`
    update customers.integrations set lacking_scopes = array(select distinct unnest(lacking_scopes || ${scopes}::text[]) order by 1),
      updated_at = ${at}::timestamptz
    where id = ${id}::uuid and org_id = ${orgId}::uuid and not lacking_scopes @> ${scopes}::text[] returning id`.execute(
    tx,
  )
  return rows.length > 0
}

/** HubSpot has told what is granted. */
export const noteGranted = async (
  tx: Transaction,
  orgId: string,
  id: string,
  told: { scopes: readonly string[]; hubDomain: string | null },
  at: Date,
): Promise<void> => {
  await sql`
    update customers.integrations set granted_scopes = ${told.scopes}::text[], hub_domain = coalesce(${told.hubDomain}, hub_domain),
      lacking_scopes = array(select unnest(lacking_scopes) except select unnest(${told.scopes}::text[])), updated_at = ${at}::timestamptz
    where id = ${id}::uuid and org_id = ${orgId}::uuid`.execute(tx)
}

/** Ends a connection. Its row stays, so that the same portal connected again is the same connection. */
export const endIntegration = async (tx: Transaction, orgId: string, id: string, at: Date): Promise<void> => {
  await sql`
    update customers.integrations set status = 'NEEDS_REAUTH', disconnected_at = ${at}::timestamptz, granted_scopes = null,
      lacking_scopes = '{}', last_error = null, last_error_at = null, updated_at = ${at}::timestamptz
    where id = ${id}::uuid and org_id = ${orgId}::uuid`.execute(tx)
}

/** How many live records of each kind connections have brought: one statement. */
export const countRecords = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Map<string, { type: string; count: number }[]>> => {
  const { rows } = await sql<{ connection_id: string; type: string; count: number }>`
    select connection_id, type, count(*) as count from sync.links
    where org_id = ${orgId}::uuid and connection_id = any(${integrationIds}::uuid[]) and gone_at is null
    group by connection_id, type order by type`.execute(tx)
  return Map.groupBy(rows, (row) => row.connection_id)
}

/** Lets the next run of a connection read its portal's properties anew: one statement. */
export const forgetCatalog = async (tx: Transaction, orgId: string, id: string): Promise<void> => {
  await sql`
    update customers.integrations set catalog_read_at = null where id = ${id}::uuid and org_id = ${orgId}::uuid`.execute(
    tx,
  )
}

/** Since when the hub does something in a portal by itself: keeps records of trunks and numbers, gives contacts to colleagues. */
type Since = 'assets_since' | 'assigns_since'

/** Notes since when the hub does something in a portal by itself; null: it no longer does. */
export const noteSince = async (
  tx: Transaction,
  orgId: string,
  id: string,
  column: Since,
  since: Date | null,
): Promise<void> => {
  await sql`
    update customers.integrations set ${sql.ref(column)} = ${since}::timestamptz
    where id = ${id}::uuid and org_id = ${orgId}::uuid`.execute(tx)
}
