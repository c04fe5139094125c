import { type FieldOf, HUB_FIELDS, hubFields, MAPPED_TYPES, type MappedType } from './hub-fields.ts'
import { prepare, type Transform } from './transforms.ts'
import { type Said, textOf } from './values.ts'

/** Where a hub field takes its value from. No properties: from nowhere. */
export interface FieldMapping {
  /** The first that has a value is taken, unless the first transform gathers them all. */
  properties: readonly string[]
  transforms: readonly Transform[]
  /** BOTH: what the hub changes is to be written back, once it writes. */
  direction: 'IN' | 'BOTH'
}

/** The mappings that somebody made of a kind of record, by hub field. What is not named is as the field says itself. */
export type Overrides = Readonly<Record<string, FieldMapping>>

/** What the portal says of a record, by property. */
export type Says = Readonly<Record<string, unknown>>
export type Reader = (values: Says) => Said

/** Reads each hub field of a kind of record out of what a portal says. */
export type Readers<T extends MappedType> = Readonly<Record<FieldOf<T>, Reader>>
export type Mapped = { readonly [T in MappedType]: Readers<T> }

/** A field's mapping as it holds: somebody's, or the field's own. */
export const mappingOf = (type: MappedType, field: string, overrides: Overrides): FieldMapping =>
  overrides[field] ?? { properties: hubFields(type)[field]?.from ?? [], transforms: [], direction: 'IN' }

/** Every property that a kind of record's hub fields come from, each once. */
export const propertiesOfMapping = (type: MappedType, overrides: Overrides): string[] => [
  ...new Set(Object.keys(HUB_FIELDS[type]).flatMap((field) => mappingOf(type, field, overrides).properties)),
]

/** Makes the mappings of a portal ready to be used on many records: done once per run. */
export const compileMappings = (overrides: Partial<Record<MappedType, Overrides>>): Mapped =>
  Object.fromEntries(
    MAPPED_TYPES.map((type) => [type, compileMapping(type, overrides[type] ?? {})]),
  ) as unknown as Mapped

/** The same for one kind of record. */
export const compileMapping = <T extends MappedType>(type: T, overrides: Overrides): Readers<T> =>
  Object.fromEntries(
    Object.keys(HUB_FIELDS[type]).map((field) => [field, compileField(mappingOf(type, field, overrides))]),
  ) as Readers<T>

/** Makes one field's mapping ready. */
export const compileField = ({ properties, transforms }: FieldMapping): Reader => {
  const [first, ...rest] = transforms
  const gathers = first?.kind === 'JOIN' || first?.kind === 'TEMPLATE'
  const gather = gathers ? gatherer(first, properties) : firstOf(properties)
  const changes = (gathers ? rest : transforms).flatMap((each) =>
    each.kind === 'JOIN' || each.kind === 'TEMPLATE' ? [] : [prepare(each)],
  )
  if (changes.length === 0) return gather
  return (values) => {
    let text = textOf(gather(values))
    for (const change of changes) {
      if (text === null) return null
      text = change(text)
    }
    return text
  }
}

const firstOf = (properties: readonly string[]): Reader => {
  const [first = '', ...others] = properties
  // Most fields come from one property as it is: nothing stands between it and the column.
  if (others.length === 0) return (values) => values[first] as Said
  return (values) => {
    for (const name of properties) {
      const said = values[name] as Said
      if (textOf(said) !== null) return said
    }
    return null
  }
}

const gatherer = (
  transform: Extract<Transform, { kind: 'JOIN' | 'TEMPLATE' }>,
  properties: readonly string[],
): Reader => {
  const wordOf = (values: Says, name: string): string => textOf(values[name] as Said) ?? ''
  if (transform.kind === 'JOIN')
    return (values) =>
      properties
        .map((name) => wordOf(values, name))
        .filter((text) => text !== '')
        .join(transform.separator)
  const names = templateNames(transform.text)
  return (values) => {
    if (names.every((name) => wordOf(values, name) === '')) return null
    const text = transform.text.replace(PLACE, (_, name: string) => wordOf(values, name))
    return text.replace(/\s+/g, ' ').trim()
  }
}

const PLACE = /\{([^{}]*)\}/g

/** The properties that a template's text names. */
export const templateNames = (text: string): string[] => [
  ...new Set([...text.matchAll(PLACE)].map((match) => match[1] ?? '')),
]

/** What holds while nobody has mapped anything. */
export const DEFAULT_MAPPED: Mapped = compileMappings({})
