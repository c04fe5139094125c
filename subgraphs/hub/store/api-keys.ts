import type { Transaction } from './transaction.ts'

export interface ApiKeyRow {
  id: string
  name: string
  prefix: string
  scopes: string[]
  createdAt: Date
  lastUsedAt: Date | null
  revokedAt: Date | null
}

const columns = [
  'id',
  'name',
  'prefix',
  'scopes',
  'created_at as createdAt',
  'last_used_at as lastUsedAt',
  'revoked_at as revokedAt',
] as const

/** All keys of the organisation, newest first. */
export const apiKeys = (tx: Transaction, orgId: string): Promise<ApiKeyRow[]> =>
  tx
    .selectFrom('hub.api_keys')
    .select(columns)
    .where('org_id', '=', orgId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute()

export const apiKeysById = (tx: Transaction, orgId: string, ids: readonly string[]): Promise<ApiKeyRow[]> =>
  tx.selectFrom('hub.api_keys').select(columns).where('org_id', '=', orgId).where('id', 'in', ids).execute()

/** Whose key has a hash. Asked as the relay, before any organisation is known. */
export const routeOfKey = (
  tx: Transaction,
  hash: Buffer,
): Promise<{ orgId: string; keyId: string } | undefined> =>
  tx
    .selectFrom('hub.key_routes')
    .select(['org_id as orgId', 'key_id as keyId'])
    .where('hash', '=', hash)
    .executeTakeFirst()

export const insertApiKey = async (
  tx: Transaction,
  orgId: string,
  key: Pick<ApiKeyRow, 'id' | 'name' | 'prefix' | 'scopes'> & { hash: Buffer; createdBy: string },
  at: Date,
): Promise<ApiKeyRow> => {
  const { id, name, prefix, scopes } = key
  await tx.insertInto('hub.key_routes').values({ hash: key.hash, org_id: orgId, key_id: id }).execute()
  return tx
    .insertInto('hub.api_keys')
    .values({ org_id: orgId, id, name, prefix, scopes, created_at: at, created_by: key.createdBy })
    .returning(columns)
    .executeTakeFirstOrThrow()
}

/** Takes a key back. @returns it as it is then, or undefined when it is not valid any more or not there */
export const markRevoked = (
  tx: Transaction,
  orgId: string,
  id: string,
  at: Date,
): Promise<ApiKeyRow | undefined> =>
  tx
    .updateTable('hub.api_keys')
    .set({ revoked_at: at })
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning(columns)
    .executeTakeFirst()

/** Notes that a key was used; writes only once for each `at`. */
export const markUsed = async (tx: Transaction, orgId: string, id: string, at: Date): Promise<void> => {
  await tx
    .updateTable('hub.api_keys')
    .set({ last_used_at: at })
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .where((is) => is.or([is('last_used_at', 'is', null), is('last_used_at', '<', at)]))
    .execute()
}
