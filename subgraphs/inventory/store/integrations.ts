import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A connection to one C3 as it is kept. */
export interface IntegrationRow {
  id: string
  name: string
  baseUrl: string
  /** Sealed. */
  apiKey: string
  status: 'ACTIVE' | 'NEEDS_REAUTH' | 'PAUSED'
  lastSyncAt: Date | null
  createdAt: Date
}

const columns = [
  'id',
  'name',
  'base_url as baseUrl',
  'api_key as apiKey',
  'status',
  'last_sync_at as lastSyncAt',
  'created_at as createdAt',
] as const

/** All connections of the organisation, oldest first. */
export const listIntegrations = async (tx: Transaction, orgId: string): Promise<IntegrationRow[]> =>
  (await tx
    .selectFrom('inventory.integrations')
    .select(columns)
    .where('org_id', '=', orgId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()) as IntegrationRow[]

/** Writes a connection; one that is known gets the new address and key. @returns it as it is now */
export const upsertIntegration = async (
  tx: Transaction,
  orgId: string,
  integration: Pick<IntegrationRow, 'id' | 'name' | 'baseUrl' | 'apiKey'>,
  at: Date,
): Promise<IntegrationRow> =>
  (await tx
    .insertInto('inventory.integrations')
    .values({
      org_id: orgId,
      id: integration.id,
      name: integration.name,
      base_url: integration.baseUrl,
      api_key: integration.apiKey,
      status: 'ACTIVE',
      created_at: at,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['org_id', 'id'])
        .doUpdateSet({ base_url: integration.baseUrl, api_key: integration.apiKey, status: 'ACTIVE' }),
    )
    .returning(columns)
    .executeTakeFirstOrThrow()) as IntegrationRow

/** Notes on the connection how its run ended: a completed one moves the date, refused credentials ask for new ones. */
export const noteSync = async (
  tx: Transaction,
  run: { orgId: string; connectionId: string; state: string; finishedAt: Date | null },
  code: string | null,
): Promise<IntegrationRow | undefined> =>
  (await tx
    .updateTable('inventory.integrations')
    .set({
      ...(run.state === 'COMPLETED' ? { last_sync_at: run.finishedAt, status: 'ACTIVE' } : {}),
      ...(code === 'HUB_VENDOR_CREDENTIAL_REJECTED' ? { status: 'NEEDS_REAUTH' } : {}),
      name: sql<string>`name`,
    })
    .where('org_id', '=', run.orgId)
    .where('id', '=', run.connectionId)
    .returning(columns)
    .executeTakeFirst()) as IntegrationRow | undefined

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
    union all ${one('inventory', 'inventory.inventory')}`.execute(tx)
  return rows
}
