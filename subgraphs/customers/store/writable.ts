import type { OwnedType } from '../domain/provisioning.ts'
import { judgeWritable, type Writable } from '../domain/writable.ts'
import { type CatalogPlace, known, propertiesOfType } from './catalog.ts'
import type { Transaction } from './transaction.ts'

/** Which properties of a kind of record a portal takes from us, as it last told: one statement. */
export const writableProperties = async (
  tx: Transaction,
  place: CatalogPlace,
  type: OwnedType,
): Promise<Writable> => judgeWritable(type, known(await propertiesOfType(tx, place, type)))
