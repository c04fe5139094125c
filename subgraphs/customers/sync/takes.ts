import { isPlaceholder } from '#sync/links.ts'
import type { Takes } from '#sync/sink.ts'
import type { FieldValue } from '#sync/values.ts'
import { kindOf, type RecordType } from '../domain/kinds.ts'
import { fieldToLinks, isLinkField } from '../domain/links.ts'
import { type LeavingRules, mayLeave } from '../domain/may-leave.ts'
import type { OwnedType } from '../domain/own-objects.ts'
import { EXTERNAL_KEY } from '../domain/own-properties.ts'
import { NEVER_TAKEN } from '../domain/secrets.ts'
import { judgeWritable } from '../domain/writable.ts'
import { type CatalogPlace, catalogOf, known, type PortalPropertyRow } from '../store/catalog.ts'
import { sendsAddressesTo } from '../store/integrations.ts'
import type { Transaction } from '../store/transaction.ts'
import { textOf } from './written-text.ts'

/** HubSpot says these by itself, whatever we would say. */
const NEVER_WRITTEN = new Set(['createdate', 'hs_createdate', EXTERNAL_KEY, ...NEVER_TAKEN])

/** Which fields a portal lets be written by now, by its properties and how it is set: two statements. */
export const takesNow = async (tx: Transaction, place: CatalogPlace): Promise<Takes> => {
  const sendsAddresses = await sendsAddressesTo(tx, place)
  return takesOf(await catalogOf(tx, place), { sendsAddresses })
}

/** Whether a field of a record may be written now, by a portal's properties as they were last read. */
export const takesOf = (
  catalog: ReadonlyMap<string, readonly PortalPropertyRow[]>,
  rules: LeavingRules,
): Takes => {
  const writable = writableOf(catalog)
  return (type, field, value, coming) =>
    isLinkField(field)
      ? fieldToLinks(value).every(({ id }) => !isPlaceholder(id) || coming?.has(id))
      : !NEVER_WRITTEN.has(field) &&
        !('withheld' in mayLeave(type as RecordType, field, textOf(value), rules)) &&
        writable(type, field, value)
}

/** Which values may be written. Of kinds whose properties nobody lists, those of the properties that we know. */
export const writableOf = (catalog: ReadonlyMap<string, readonly PortalPropertyRow[]>) => {
  const judges = new Map(
    [...catalog].map(([type, rows]) => [type, judgeWritable(type as OwnedType, known(rows))]),
  )
  return (type: string, property: string, value?: FieldValue): boolean => {
    const judge = judges.get(type)
    if (judge) return judge.refusalOf(property, value === undefined ? undefined : textOf(value)) === null
    return property === EXTERNAL_KEY || (kindOf(type as RecordType).properties?.includes(property) ?? false)
  }
}
