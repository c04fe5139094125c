import { isPersonal } from './catalog.ts'
import { HUB_FIELDS, hubFields, MAPPED_TYPES, type MappedType } from './hub-fields.ts'
import { mappingOf, type Overrides } from './mapping.ts'

/** What is known of a property, as far as it says whether its values are about a person. */
export interface SeenProperty {
  name: string
  fieldType: string
  isSensitive: boolean
}

/**
 * Whether what a record says under a property is personal data: by what the portal says of it, by how it looks, or by what the hub
 * takes it for. What tasks and notes say is written by people about people.
 */
export const isPersonalValue = (
  type: string,
  property: string,
  overrides: Partial<Record<MappedType, Overrides>>,
  known: SeenProperty | undefined,
): boolean => {
  if (property.startsWith('@')) return false
  if (isPersonal(type, known ?? { name: property, fieldType: '', isSensitive: false })) return true
  const mapped = MAPPED_TYPES.find((each) => each === type)
  if (!mapped) return true
  return Object.keys(HUB_FIELDS[mapped]).some(
    (field) =>
      hubFields(mapped)[field]?.personal !== undefined &&
      mappingOf(mapped, field, overrides[mapped] ?? {}).properties.includes(property),
  )
}
