import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A connection to a HubSpot portal. */
export interface IntegrationRow {
  id: string
  org_id: string
  name: string
  base_url: string
  portal_id: string | null
  currency: string | null
  token_sealed: string
  status: 'ACTIVE' | 'NEEDS_REAUTH' | 'PAUSED'
  /** Properties to read, by type. */
  properties: Record<string, string[]>
  prepared_at: Date | null
  last_sync_at: Date | null
}

/** The connections of the transaction's organisation, oldest first; only those named, when ids are given. */
export const integrationsOf = async (
  tx: Transaction,
  orgId: string,
  ids?: readonly string[],
): Promise<IntegrationRow[]> => {
  const { rows } = await sql<IntegrationRow>`
    select id, org_id, name, base_url, portal_id, currency, token_sealed, status, properties, prepared_at, last_sync_at
    from customers.integrations where org_id = ${orgId}::uuid ${ids ? sql`and id = any(${ids}::uuid[])` : sql``}
    order by created_at, id`.execute(tx)
  return rows
}

/** Writes a connection; a known one gets the address and credentials given. @returns whether anything changed */
export const writeIntegration = async (
  tx: Transaction,
  row: { id: string; orgId: string; name: string; baseUrl: string; tokenSealed: string },
  at: Date,
): Promise<void> => {
  await sql`
    insert into customers.integrations (id, org_id, name, base_url, token_sealed, created_at, updated_at)
    values (${row.id}::uuid, ${row.orgId}::uuid, ${row.name}, ${row.baseUrl}, ${row.tokenSealed}, ${at}::timestamptz, ${at}::timestamptz)
    on conflict (id) do update set base_url = excluded.base_url, token_sealed = excluded.token_sealed, status = 'ACTIVE',
      updated_at = excluded.updated_at`.execute(tx)
}

/** Notes what a connection was found to be, or how its last run ended. What is left out stays. */
export const noteIntegration = async (
  tx: Transaction,
  orgId: string,
  id: string,
  note: {
    portalId?: string
    currency?: string | null
    properties?: Record<string, string[]>
    preparedAt?: Date
    lastSyncAt?: Date
    status?: IntegrationRow['status']
  },
  at: Date,
): Promise<void> => {
  await sql`
    update customers.integrations set
      portal_id = coalesce(${note.portalId ?? null}, portal_id), currency = coalesce(${note.currency ?? null}, currency),
      properties = coalesce(${note.properties ? JSON.stringify(note.properties) : null}::jsonb, properties),
      prepared_at = coalesce(${note.preparedAt ?? null}::timestamptz, prepared_at),
      last_sync_at = coalesce(${note.lastSyncAt ?? null}::timestamptz, last_sync_at),
      status = coalesce(${note.status ?? null}, status), updated_at = ${at}::timestamptz
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
