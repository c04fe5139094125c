import { sql } from 'kysely'
import type { Vault } from '#kernel/vault.ts'
import type { LeavingRules } from '../domain/may-leave.ts'
import { ADDRESS_PROPERTY } from '../domain/own-objects.ts'
import { marksIn, spokenStreets } from '../domain/streets.ts'
import type { CatalogPlace } from './catalog.ts'
import type { Transaction } from './transaction.ts'

/**
 * What may leave of some texts, with the emergency addresses that they may speak of: those that begin with two words that a text has.
 * One statement, and none where streets may go.
 */
export const leavingRules = async (
  tx: Transaction,
  { orgId, vault, sendsAddresses }: { orgId: string; vault: Vault; sendsAddresses: boolean },
  texts: readonly string[],
): Promise<LeavingRules> => {
  const marks = sendsAddresses ? [] : marksIn(vault, orgId, texts)
  if (marks.length === 0) return { sendsAddresses }
  const { rows } = await sql<{ id: string; sealed: string }>`
    select id, street_sealed as sealed from customers.timeline_told
    where org_id = ${orgId}::uuid and street_mark = any(${marks}::text[]) order by id`.execute(tx)
  const streets = rows.flatMap(({ id, sealed }) => spokenStreets(vault, orgId, id, sealed))
  // Of two that begin alike the longer one first: nothing of it is left behind.
  return { sendsAddresses, streets: [...new Set(streets)].sort((one, other) => other.length - one.length) }
}

/** Forgets the streets of records that a portal no longer has: one statement. Those that it has say so there first. */
export const forgetStreets = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
): Promise<void> => {
  await sql`
    update customers.own_records set properties = properties - ${ADDRESS_PROPERTY}::text
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and type = 'numbers' and gone_at is not null
      and properties ? ${ADDRESS_PROPERTY}::text`.execute(tx)
}
