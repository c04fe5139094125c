import { sql } from 'kysely'
import type { KeyState } from '../domain/api-key.ts'
import type { Transaction } from './transaction.ts'

export interface ApiKeyRow {
  id: string
  name: string
  prefix: string
  scopes: string[]
  createdAt: Date
  lastUsedAt: Date | null
  revokedAt: Date | null
  expiresAt: Date | null
  previousUntil: Date | null
  customerIds: string[] | null
  version: number
}

const columns = [
  'id',
  'name',
  'prefix',
  'scopes',
  'created_at as createdAt',
  'last_used_at as lastUsedAt',
  'revoked_at as revokedAt',
  'expires_at as expiresAt',
  'previous_until as previousUntil',
  'customer_ids as customerIds',
  'version',
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

export interface KeysWish {
  state?: KeyState | null | undefined
  text?: string | null | undefined
  scope?: string | null | undefined
  now: Date
  after: readonly [createdAt: string, id: string] | null
  limit: number
}

/** A page of keys, newest first. */
export const keysPage = (tx: Transaction, orgId: string, wish: KeysWish): Promise<ApiKeyRow[]> => {
  const { state, text, scope, now, after, limit } = wish
  let query = tx.selectFrom('hub.api_keys').select(columns).where('org_id', '=', orgId)
  if (state === 'REVOKED') query = query.where('revoked_at', 'is not', null)
  else if (state) {
    query = query.where('revoked_at', 'is', null)
    query =
      state === 'EXPIRED'
        ? query.where('expires_at', '<=', now)
        : query.where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', now)]))
  }
  if (text)
    query = query.where((is) =>
      is.or([
        sql<boolean>`position(lower(${text}) in lower(name)) > 0`,
        sql<boolean>`starts_with(prefix, ${text})`,
      ]),
    )
  if (scope) query = query.where(sql<boolean>`scopes @> array[${scope}::text]`)
  // As coarse as a cursor: two keys of one millisecond are told apart by their ids.
  const made = sql<Date>`date_trunc('milliseconds', created_at)`
  if (after) query = query.where(sql<boolean>`(${made}, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`)
  return query.orderBy(made, 'desc').orderBy('id', 'desc').limit(limit).execute()
}

export const apiKeysById = (tx: Transaction, orgId: string, ids: readonly string[]): Promise<ApiKeyRow[]> =>
  tx.selectFrom('hub.api_keys').select(columns).where('org_id', '=', orgId).where('id', 'in', ids).execute()

/** A key that nobody else changes until the transaction is over. */
export const lockApiKey = (tx: Transaction, orgId: string, id: string): Promise<ApiKeyRow | undefined> =>
  tx
    .selectFrom('hub.api_keys')
    .select(columns)
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()

/** Whose key has a hash, and until when it is that; null: as long as the key. Asked as the relay, before any organisation is known. */
export const routeOfKey = (
  tx: Transaction,
  hash: Buffer,
): Promise<{ orgId: string; keyId: string; endsAt: Date | null } | undefined> =>
  tx
    .selectFrom('hub.key_routes')
    .select(['org_id as orgId', 'key_id as keyId', 'ends_at as endsAt'])
    .where('hash', '=', hash)
    .executeTakeFirst()

type NewKeyRow = Pick<ApiKeyRow, 'id' | 'name' | 'prefix' | 'scopes' | 'expiresAt' | 'customerIds'>

export const insertApiKey = async (
  tx: Transaction,
  orgId: string,
  key: NewKeyRow & { hash: Buffer; createdBy: string },
  at: Date,
): Promise<ApiKeyRow> => {
  const { id, name, prefix, scopes, expiresAt, customerIds } = key
  await insertRoute(tx, orgId, id, key.hash)
  return tx
    .insertInto('hub.api_keys')
    .values({
      ...{ org_id: orgId, id, name, prefix, scopes, created_at: at, created_by: key.createdBy },
      ...{ expires_at: expiresAt, customer_ids: customerIds },
    })
    .returning(columns)
    .executeTakeFirstOrThrow()
}

const insertRoute = async (tx: Transaction, orgId: string, keyId: string, hash: Buffer): Promise<void> => {
  await tx.insertInto('hub.key_routes').values({ hash, org_id: orgId, key_id: keyId }).execute()
}

/** Writes what a key is from now on. */
export const writeApiKey = (
  tx: Transaction,
  orgId: string,
  { id, name, scopes, expiresAt, customerIds, version }: Omit<NewKeyRow, 'prefix'> & { version: number },
): Promise<ApiKeyRow> =>
  tx
    .updateTable('hub.api_keys')
    .set({ name, scopes, expires_at: expiresAt, customer_ids: customerIds, version: version + 1 })
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirstOrThrow()

/** Gives a key another secret. What it had before ends at `until`, unless it ends earlier anyway; what has ended is forgotten. */
export const writeSecret = async (
  tx: Transaction,
  orgId: string,
  key: { id: string; prefix: string; hash: Buffer; version: number },
  { at, until }: { at: Date; until: Date },
): Promise<ApiKeyRow> => {
  await tx
    .deleteFrom('hub.key_routes')
    .where('org_id', '=', orgId)
    .where('key_id', '=', key.id)
    .where('ends_at', '<=', at)
    .execute()
  await tx
    .updateTable('hub.key_routes')
    .set({ ends_at: sql<Date>`least(ends_at, ${until}::timestamptz)` })
    .where('org_id', '=', orgId)
    .where('key_id', '=', key.id)
    .execute()
  await insertRoute(tx, orgId, key.id, key.hash)
  return tx
    .updateTable('hub.api_keys')
    .set({ prefix: key.prefix, previous_until: until, version: key.version + 1 })
    .where('org_id', '=', orgId)
    .where('id', '=', key.id)
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
    .set(({ eb }) => ({ revoked_at: at, version: eb('version', '+', 1) }))
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
