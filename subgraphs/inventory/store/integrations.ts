import { sql } from 'kysely'
import { keptConnections } from '#sync/connections.ts'
import type { HeldSettings, Settings } from '../domain/settings.ts'
import type { Transaction } from './transaction.ts'

/** A connection to one C3 as it is kept. */
export interface IntegrationRow extends HeldSettings {
  id: string
  orgId: string
  baseUrl: string
  /** Somebody else than whoever runs the hub has named the address: it is only called where it leads into the world. */
  isGuarded: boolean
  /** Sealed; null once the connection was ended. */
  apiKey: string | null
  status: 'ACTIVE' | 'NEEDS_REAUTH' | 'PAUSED'
  accountId: string | null
  accountName: string | null
  apiVersion: string | null
  timeZone: string | null
  /** Null while C3 was not asked. */
  permissions: string[] | null
  lackingPermissions: string[]
  calls: number | null
  callsSeconds: number | null
  webhookKinds: string[]
  webhookUrl: string | null
  webhookSetAt: Date | null
  webhookError: string | null
  webhookErrorAt: Date | null
  askedAt: Date | null
  lastSyncAt: Date | null
  syncCount: number
  lastError: string | null
  lastErrorAt: Date | null
  settingsVersion: number
  /** The mode of the run that is to follow the one under way. */
  wantedRun: 'INCREMENTAL' | 'RECONCILE' | null
  disconnectedAt: Date | null
  createdAt: Date
}

const columns = sql`
  id, org_id as "orgId", name, base_url as "baseUrl", is_guarded as "isGuarded", api_key as "apiKey", status, account_id as "accountId", account_name as "accountName",
  api_version as "apiVersion", time_zone as "timeZone", permissions, lacking_permissions as "lackingPermissions", calls,
  calls_seconds as "callsSeconds", webhook_kinds as "webhookKinds", webhook_url as "webhookUrl",
  webhook_set_at as "webhookSetAt", webhook_error as "webhookError", webhook_error_at as "webhookErrorAt", asked_at as "askedAt", last_sync_at as "lastSyncAt",
  sync_count as "syncCount", last_error as "lastError", last_error_at as "lastErrorAt", direction, frequency, nightly,
  delete_percent as "deletePercent", change_percent as "changePercent", settings_version as "settingsVersion",
  wanted_run as "wantedRun", disconnected_at as "disconnectedAt", created_at as "createdAt"`

/** The connections of the organisation, oldest first; only those named, when ids are given. Ended ones too. */
export const integrationsOf = async (
  tx: Transaction,
  orgId: string,
  ids?: readonly string[],
): Promise<IntegrationRow[]> => {
  const { rows } = await sql<IntegrationRow>`
    select ${columns} from inventory.integrations
    where org_id = ${orgId}::uuid ${ids ? sql`and id = any(${ids}::uuid[])` : sql``}
    order by created_at, id`.execute(tx)
  return rows
}

/** A connection, which nobody else changes until the transaction ends. */
export const lockIntegration = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<IntegrationRow | undefined> => {
  const { rows } = await sql<IntegrationRow>`
    select ${columns} from inventory.integrations where org_id = ${orgId}::uuid and id = ${id}::uuid for update`.execute(
    tx,
  )
  return rows[0]
}

const kept = keptConnections('inventory.integrations')
export const { wantRun, noteSync, needReauth } = kept

/** The organisation's connection to an account of a C3, and nobody else makes one until the transaction ends. */
export const lockAccount = (
  tx: Transaction,
  orgId: string,
  { accountId: id, baseUrl }: { accountId: string; baseUrl: string },
): Promise<string | undefined> =>
  kept.lockAccount(tx, orgId, { lock: 'c3', column: 'account_id', id, baseUrl })

/** Writes a connection that was just made, or made again: it works, and nothing is known to be lacking. */
export const writeIntegration = async (
  tx: Transaction,
  orgId: string,
  row: Pick<IntegrationRow, 'id' | 'name' | 'baseUrl' | 'isGuarded'> & { apiKey: string },
  at: Date,
): Promise<void> => {
  await sql`
    insert into inventory.integrations (org_id, id, name, base_url, is_guarded, api_key, status, nightly, created_at)
    values (${orgId}::uuid, ${row.id}::uuid, ${row.name}, ${row.baseUrl}, ${row.isGuarded}, ${row.apiKey}, 'ACTIVE', 'RECONCILE', ${at}::timestamptz)
    on conflict (org_id, id) do update set base_url = excluded.base_url, is_guarded = excluded.is_guarded, api_key = excluded.api_key, status = 'ACTIVE',
      lacking_permissions = '{}', asked_at = null, last_error = null, last_error_at = null, disconnected_at = null`.execute(
    tx,
  )
}

/** What C3 says of the account that a key speaks for. */
export interface ToldAccount {
  accountId: string
  name: string
  apiVersion: string
  timeZone: string
  permissions: readonly string[]
  limits: { requests: number; seconds: number }
  webhookEntities: readonly string[]
}

/** Notes what C3 has told of the account. What it lacked before, it has been asked about now. */
export const noteAccount = async (
  tx: Transaction,
  orgId: string,
  id: string,
  told: ToldAccount,
  at: Date,
): Promise<void> => {
  await sql`
    update inventory.integrations set account_id = ${told.accountId}, account_name = ${told.name}, api_version = ${told.apiVersion},
      time_zone = ${told.timeZone}, permissions = ${told.permissions}::text[], lacking_permissions = '{}',
      calls = ${told.limits.requests}, calls_seconds = ${told.limits.seconds}, webhook_kinds = ${told.webhookEntities}::text[],
      asked_at = ${at}::timestamptz
    where org_id = ${orgId}::uuid and id = ${id}::uuid`.execute(tx)
}

/** Writes the settings given; those left out stay. */
export const writeSettings = async (
  tx: Transaction,
  orgId: string,
  id: string,
  settings: Partial<Settings>,
): Promise<void> => {
  const { name, direction, frequency, nightly, deletePercent, changePercent } = settings
  await sql`
    update inventory.integrations set name = coalesce(${name ?? null}, name), direction = coalesce(${direction ?? null}, direction),
      frequency = coalesce(${frequency ?? null}, frequency), nightly = coalesce(${nightly ?? null}, nightly),
      delete_percent = coalesce(${deletePercent ?? null}::integer, delete_percent),
      change_percent = coalesce(${changePercent ?? null}::integer, change_percent), settings_version = settings_version + 1
    where org_id = ${orgId}::uuid and id = ${id}::uuid`.execute(tx)
}

/** Its key is good after all. */
export const endReauth = async (tx: Transaction, orgId: string, id: string): Promise<boolean> => {
  const { rows } = await sql<{ id: string }>`
    update inventory.integrations set status = 'ACTIVE', last_error = null, last_error_at = null
    where org_id = ${orgId}::uuid and id = ${id}::uuid and status = 'NEEDS_REAUTH' and disconnected_at is null returning id`.execute(
    tx,
  )
  return rows.length > 0
}

/** C3 has refused calls for want of a permission. @returns whether it is news */
export const noteLacking = async (
  tx: Transaction,
  orgId: string,
  id: string,
  permission: string,
): Promise<boolean> => {
  const { rows } = await sql<{ id: string }>`
    update inventory.integrations set lacking_permissions = array_append(lacking_permissions, ${permission})
    where org_id = ${orgId}::uuid and id = ${id}::uuid and not ${permission} = any(lacking_permissions) returning id`.execute(
    tx,
  )
  return rows.length > 0
}

/**
 * Ends a connection and destroys its key. Its row stays, so that the same account connected again is the same connection; when its
 * records go, it was never synced.
 */
export const endIntegration = async (
  tx: Transaction,
  orgId: string,
  id: string,
  { keepsRecords, at }: { keepsRecords: boolean; at: Date },
): Promise<void> => {
  await sql`
    update inventory.integrations set status = 'NEEDS_REAUTH', disconnected_at = ${at}::timestamptz, api_key = null,
      permissions = null, lacking_permissions = '{}', asked_at = null, last_error = null, last_error_at = null, webhook_url = null,
      webhook_set_at = null, webhook_error = null, webhook_error_at = null,
      last_sync_at = case when ${keepsRecords}::boolean then last_sync_at end
    where org_id = ${orgId}::uuid and id = ${id}::uuid`.execute(tx)
}

/** How many live records of each kind a connection has brought, one statement. */
export const countRecords = async (
  tx: Transaction,
  orgId: string,
  connectionIds: readonly string[],
): Promise<{ connectionId: string; type: string; count: number }[]> => {
  const one = (type: string, table: string) => sql`
    select connection_id as "connectionId", ${type}::text as type, count(*) as count from ${sql.table(table)}
    where org_id = ${orgId} and connection_id = any(${connectionIds}::uuid[]) and deleted_at is null
    group by connection_id`
  const { rows } = await sql<{ connectionId: string; type: string; count: number }>`
    ${one('customers', 'inventory.c3_accounts')} union all ${one('rfqs', 'inventory.rfqs')}
    union all ${one('inventory', 'inventory.inventory')} union all ${one('suppliers', 'inventory.suppliers')}
    union all ${one('transactions', 'inventory.transactions')}`.execute(tx)
  return rows
}
