import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

export interface IntegrationRow {
  id: string
  name: string
  system: 'HUBSPOT' | 'C3'
  status: 'ACTIVE' | 'NEEDS_REAUTH' | 'PAUSED'
  lastSyncAt: Date | null
}

export type HubSpotIntegrationRow = IntegrationRow
export type C3IntegrationRow = IntegrationRow

const columns = ['id', 'name', 'system', 'status', 'last_sync_at as lastSyncAt'] as const

export const integrations = async (tx: Transaction, orgId: string): Promise<IntegrationRow[]> =>
  (await tx
    .selectFrom('hub.integrations')
    .select(columns)
    .where('org_id', '=', orgId)
    .orderBy('system')
    .orderBy('name')
    .orderBy('id')
    .execute()) as IntegrationRow[]

export const integrationsById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<IntegrationRow[]> =>
  (await tx
    .selectFrom('hub.integrations')
    .select(columns)
    .where('org_id', '=', orgId)
    .where('id', 'in', ids)
    .execute()) as IntegrationRow[]

/** Writes the latest state of connections in one statement; each may be given once. */
export const upsertIntegrations = async (
  tx: Transaction,
  orgId: string,
  rows: readonly (Omit<IntegrationRow, 'lastSyncAt'> & { lastSyncAt: string | null })[],
): Promise<void> => {
  await sql`
    insert into hub.integrations (org_id, id, name, system, status, last_sync_at)
    select ${orgId}::uuid, id, name, system, status, "lastSyncAt"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as given (id text, name text, system text, status text, "lastSyncAt" timestamptz)
    on conflict (org_id, id) do update set
      name = excluded.name, system = excluded.system, status = excluded.status,
      last_sync_at = excluded.last_sync_at`.execute(tx)
}

/** Forgets connections that somebody has ended; their runs stay. */
export const removeIntegrations = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<void> => {
  if (ids.length === 0) return
  await tx.deleteFrom('hub.integrations').where('org_id', '=', orgId).where('id', 'in', ids).execute()
}
