import type { KnownProperty } from './catalog.ts'
import { RECORD_TYPES, type RecordType } from './kinds.ts'
import { type OwnedType, ownObjects } from './own-objects.ts'
import { INSTEAD_OF_OBJECTS, OWN_PROPERTIES, type OwnProperty } from './own-properties.ts'
import { differs, type Trouble } from './provisioning.ts'
import { NEVER_TAKEN } from './secrets.ts'

/** Which properties of a kind of record a portal takes from us, by what is remembered of it. */
export interface Writable {
  /** Whether the portal's properties of this kind were ever read. While not, only HubSpot's own properties are tried. */
  isKnown: boolean
  /**
   * What keeps a value from being written, with what to do; null when nothing does.
   * @param value left out: whether the property can be written at all; null and the empty text take a value away
   */
  refusalOf(name: string, value?: string | null): Trouble | null
}

/** The own properties of a kind of record, all that there may be. */
const ownOfEvery = (type: OwnedType): readonly OwnProperty[] => {
  if (!(RECORD_TYPES as readonly string[]).includes(type))
    return ownObjects(true).find((each) => each.type === type)?.properties ?? []
  const own = OWN_PROPERTIES[type as RecordType]
  return type === 'companies' ? [...own, ...INSTEAD_OF_OBJECTS] : own
}

/** Judges what may be written to a kind of record. Pure. */
export const judgeWritable = (type: OwnedType, catalog: ReadonlyMap<string, KnownProperty>): Writable => {
  const own = new Map(ownOfEvery(type).map((each) => [each.name, each]))
  const isKnown = catalog.size > 0
  return {
    isKnown,
    refusalOf: (name, value) => {
      if (NEVER_TAKEN.has(name))
        return { message: `${name} is never written.`, fix: 'Nothing needs to be done.' }
      const there = catalog.get(name)
      if (!isKnown && !own.has(name)) return null
      if (!there || there.isArchived) return absent(name, own.has(name))
      if (there.isReadOnly || there.isCalculated)
        return { message: `HubSpot lets nobody write ${name}.`, fix: 'Map the field to another property.' }
      const wanted = own.get(name)
      // That it lacks options matters only to a value that it lacks.
      const trouble = wanted && differs({ ...wanted, options: [] }, there)
      return trouble ?? unlisted(there, value)
    },
  }
}

const absent = (name: string, isOwn: boolean): Trouble => ({
  message: `The portal has no property ${name}.`,
  fix: isOwn ? 'Provision the portal.' : 'Restore it in HubSpot, or map the field to another property.',
})

/** HubSpot refuses a record for one value that is not among its options. Some of its own list none, and take values from elsewhere. */
const unlisted = (there: KnownProperty, value: string | null | undefined): Trouble | null => {
  if (there.kind !== 'enumeration' || there.options.length === 0 || !value) return null
  const options = new Set(there.options.map((option) => option.value))
  const values = there.fieldType === 'checkbox' ? value.split(';').filter((each) => each !== '') : [value]
  const lacking = values.find((each) => !options.has(each))
  return lacking === undefined
    ? null
    : {
        message: `In the portal, ${there.name} cannot have the value ${lacking}.`,
        fix: 'Add it to its options in HubSpot, with this value.',
      }
}
