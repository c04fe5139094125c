import { sql } from 'kysely'
import { NO_ID } from '#kernel/ids.ts'
import { noteOutgoing } from '#sync/outgoing.ts'
import { isOwnObject, type OwnedType } from '../domain/own-objects.ts'
import type { CatalogPlace } from './catalog.ts'
import type { Transaction } from './transaction.ts'

/** Records noted at a time. */
const BATCH = 1000

/**
 * Has records written again that hold values of properties which a portal has now and had not when they were written: what it does not
 * have is left out of a record, and nobody would come back to it. Two statements for each thousand of them, none when nothing came.
 */
export const noteHolders = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  { type, names }: { type: OwnedType; names: readonly string[] },
  at: Date,
): Promise<void> => {
  if (names.length === 0) return
  const isOwn = isOwnObject(type)
  const next = sql`
    select r.id from ${sql.table(`customers.${isOwn ? 'own_records' : type}`)} r
    where r.org_id = ${orgId}::uuid and r.integration_id = ${integrationId}::uuid and ${isOwn ? sql`r.type = ${type}` : sql`true`}
      and r.gone_at is null and r.properties ?| ${names}::text[]`
  for (let after: string | undefined = NO_ID; after !== undefined; ) {
    const { rows }: { rows: { id: string }[] } = await sql<{ id: string }>`
      ${next} and r.id > ${after}::uuid order by r.id limit ${BATCH}`.execute(tx)
    const records = rows.map(({ id }) => ({ type, localId: id }))
    await noteOutgoing(tx, { orgId, connectionId: integrationId }, records, at)
    after = rows.length < BATCH ? undefined : rows.at(-1)?.id
  }
}
