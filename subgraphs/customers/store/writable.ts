import { sql } from 'kysely'
import type { OwnedType } from '../domain/own-objects.ts'
import { judgeWritable, type Writable } from '../domain/writable.ts'
import { type CatalogPlace, known, propertiesOfType, writeChanges } from './catalog.ts'
import type { Transaction } from './transaction.ts'

/** Which properties of a kind of record a portal takes from us, as it last told: one statement. */
export const writableProperties = async (
  tx: Transaction,
  place: CatalogPlace,
  type: OwnedType,
): Promise<Writable> => judgeWritable(type, known(await propertiesOfType(tx, place, type)))

/** HubSpot says that it does not know these properties (any more): nobody writes them until a reading finds them again. Two statements. */
export const notePropertiesGone = async (
  tx: Transaction,
  place: CatalogPlace,
  type: OwnedType,
  names: readonly string[],
  at: Date,
): Promise<void> => {
  const { rows } = await sql<{ name: string; label: string }>`
    update customers.portal_properties set archived_at = ${at}::timestamptz, changed_at = ${at}::timestamptz
    where org_id = ${place.orgId}::uuid and integration_id = ${place.integrationId}::uuid and type = ${type}
      and name = any(${names}::text[]) and archived_at is null returning name, label`.execute(tx)
  const gone = { type, change: 'ARCHIVED' as const, was: null, becomes: null }
  await writeChanges(
    tx,
    place,
    rows.map(({ name, label }) => ({ ...gone, property: name, label })),
    at,
  )
}
