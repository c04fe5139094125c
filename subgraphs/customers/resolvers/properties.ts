import { BadInput } from '#kernel/errors.ts'
import type { RecordPropertyResolvers } from '#schema/generated/customers.types.ts'
import type { Context } from '../context.ts'
import { isPersonal } from '../domain/catalog.ts'
import type { RecordType } from '../domain/kinds.ts'

/** Names that may be asked for at once. */
const MOST_NAMES = 200

/** Makes the resolver of what records of a type say beyond the hub's own fields. */
export const propertiesOf =
  (type: RecordType) =>
  async (record: { id: string }, { names }: { names?: readonly string[] | null }, ctx: Context) => {
    if (names && names.length > MOST_NAMES)
      throw BadInput.with({ field: 'names', reason: `holds more than ${MOST_NAMES} names` })
    const wanted = names ? [...new Set(names)].sort() : null
    return (await ctx.recordProperties.load(record.id, { type, names: wanted })) ?? []
  }

export const RecordProperty: RecordPropertyResolvers = {
  type: (property) => property.kind,
  personal: ({ record_type, name, field_type, is_sensitive }) =>
    isPersonal(record_type, { name, fieldType: field_type, isSensitive: is_sensitive }),
}
