import { BadInput } from '#kernel/errors.ts'
import type { RecordPropertyResolvers } from '#schema/generated/customers.types.ts'
import type { Context } from '../context.ts'
import { isPersonal } from '../domain/catalog.ts'
import type { RecordType } from '../domain/kinds.ts'
import { maySeePersons } from '../domain/seeing.ts'
import { MOST_PROPERTIES, type RecordPropertyRow } from '../store/record-properties.ts'

/** Makes the resolver of what records of a type say beyond the hub's own fields. */
export const propertiesOf =
  (type: RecordType) =>
  async (record: { id: string }, { names }: { names?: readonly string[] | null }, ctx: Context) => {
    if (names && names.length > MOST_PROPERTIES)
      throw BadInput.with({ field: 'names', reason: `holds more than ${MOST_PROPERTIES} names` })
    const wanted = names ? [...new Set(names)].sort() : null
    return (await ctx.recordProperties.load(record.id, { type, names: wanted })) ?? []
  }

const personal = ({ record_type, name, field_type, is_sensitive }: RecordPropertyRow): boolean =>
  isPersonal(record_type, { name, fieldType: field_type, isSensitive: is_sensitive })

const masked = (property: RecordPropertyRow, ctx: Context): boolean =>
  personal(property) && !maySeePersons(ctx.principal)

export const RecordProperty: RecordPropertyResolvers = {
  type: (property) => property.kind,
  personal,
  masked: (property, _, ctx) => masked(property, ctx),
  value: (property, _, ctx) => (masked(property, ctx) ? null : property.value),
}
