import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { byChance } from '#kernel/planning.ts'
import type { Vault } from '#kernel/vault.ts'
import type { Transaction } from './transaction.ts'

/** A suppressed identifier, as it is to be written. */
export interface Suppression {
  hash: string
  kind: 'email' | 'phone' | 'record'
}

const keyPlace = (orgId: string): string => `${orgId}:customers.suppression_keys`

/**
 * The key that an organisation's hashes are made with: made once, and the same for ever, or hashes would cease to match.
 * When the hub has a newer encryption key it is sealed anew.
 */
export const suppressionKey = async (
  tx: Transaction,
  orgId: string,
  vault: Vault,
  at: Date,
): Promise<Buffer> => {
  const read = () =>
    tx
      .selectFrom('customers.suppression_keys')
      .select('key_sealed')
      .where('org_id', '=', orgId)
      .executeTakeFirst()
  const known = await read()
  const isFresh = known && !vault.isStale(known.key_sealed)
  if (isFresh) return Buffer.from(vault.open(known.key_sealed, keyPlace(orgId)), 'base64')
  const key = known
    ? vault.open(known.key_sealed, keyPlace(orgId))
    : byChance(randomBytes(32).toString('base64'))
  await tx
    .insertInto('customers.suppression_keys')
    .values({ org_id: orgId, key_sealed: vault.seal(key, keyPlace(orgId)), created_at: at })
    .onConflict((conflict) =>
      known
        ? conflict.column('org_id').doUpdateSet((eb) => ({ key_sealed: eb.ref('excluded.key_sealed') }))
        : conflict.doNothing(),
    )
    .execute()
  // Whoever came first has made the key.
  const sealed = (await read())?.key_sealed ?? ''
  return Buffer.from(vault.open(sealed, keyPlace(orgId)), 'base64')
}

/**
 * Which of these hashes are suppressed, with the act that did it: one statement. From it on, until the caller's transaction
 * ends, no erasure can begin; one under way is waited for.
 */
export const suppressedAmong = async (
  tx: Transaction,
  hashes: readonly string[],
): Promise<Map<string, string>> => {
  const { rows } = await sql<{ hash: string; erasure_id: string }>`
    select hash, erasure_id from customers.suppressed(${hashes}::text[])`.execute(tx)
  return new Map(rows.map((row) => [row.hash, row.erasure_id]))
}

/** Waits until no page is being written and no other erasure is under way, and keeps both away until the transaction ends. */
export const lockErasure = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('customers.erasure ' || ${orgId}, 0))`.execute(tx)
}

/** Writes what an act suppresses: one statement. */
export const writeSuppressions = async (
  tx: Transaction,
  orgId: string,
  rows: readonly (Suppression & { erasureId: string })[],
  at: Date,
): Promise<void> => {
  if (rows.length === 0) return
  await sql`
    insert into customers.suppressions (org_id, hash, kind, erasure_id, at)
    select ${orgId}::uuid, r.hash, r.kind, r."erasureId", ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(hash text, kind text, "erasureId" uuid)
    on conflict do nothing`.execute(tx)
}

/** Lets those come back whom one of these hashes belongs to: all that was suppressed with it. @returns how many hashes went */
export const liftSuppressions = async (
  tx: Transaction,
  orgId: string,
  hashes: readonly string[],
): Promise<{ lifted: number; erasureIds: string[] }> => {
  const { rows } = await sql<{ erasure_id: string }>`
    delete from customers.suppressions where org_id = ${orgId}::uuid and erasure_id in (
      select erasure_id from customers.suppressions where org_id = ${orgId}::uuid and hash = any(${hashes}::text[]))
    returning erasure_id`.execute(tx)
  return { lifted: rows.length, erasureIds: [...new Set(rows.map((row) => row.erasure_id))].sort() }
}
