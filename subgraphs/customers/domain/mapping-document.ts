import { z } from 'zod'
import type { FieldChange } from './changing-mappings.ts'
import { MAPPED_TYPES, type MappedType } from './hub-fields.ts'
import type { Overrides } from './mapping.ts'

/**
 * Mappings as a file, to be kept or taken to another portal. The form is described in docs/mapping.md; `format` goes up
 * when an older hub could not read it.
 */
const FORMAT = 'tributary-mappings/1'

const field = z.strictObject({
  properties: z.array(z.string().max(255)).max(50),
  transforms: z
    .array(z.looseObject({ kind: z.string().max(20) }))
    .max(50)
    .default([]),
  direction: z.enum(['IN', 'BOTH']).default('IN'),
})
const document = z.strictObject({
  format: z.literal(FORMAT),
  objects: z.partialRecord(
    z.enum(MAPPED_TYPES as [MappedType, ...MappedType[]]),
    z.record(z.string().max(100), field),
  ),
})

type Objects = z.infer<typeof document>['objects']

/** Such files. */
export const MAPPING_FORM = {
  format: FORMAT,
  what: 'mappings',
  shape: document.transform(({ objects }): Objects => objects),
}

/** The mappings that somebody made, as a file has them; what the hub maps by itself is left out. The same for the same mappings. */
export const objectsOf = (mappings: Partial<Record<MappedType, Overrides>>) =>
  Object.fromEntries(
    MAPPED_TYPES.filter((type) => Object.keys(mappings[type] ?? {}).length > 0).map((type) => [
      type,
      Object.fromEntries(Object.entries(mappings[type] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))),
    ]),
  )

/** What to change, by type, so that exactly a file's mappings hold. */
export const changesTo = (
  objects: Objects,
  held: Partial<Record<MappedType, Overrides>>,
): Record<MappedType, FieldChange[]> => {
  const changesOf = (type: MappedType): FieldChange[] => {
    const wanted = objects[type] ?? {}
    const named = Object.entries(wanted).map(([name, given]) => ({
      field: name,
      properties: given.properties,
      transforms: given.transforms as never,
      direction: given.direction,
      useDefault: false,
    }))
    // What the file does not name goes back to the hub's own mapping.
    const others = Object.keys(held[type] ?? {})
      .filter((name) => !(name in wanted))
      .map((name) => ({
        field: name,
        properties: [],
        transforms: [],
        direction: 'IN' as const,
        useDefault: true,
      }))
    return [...named, ...others]
  }
  return Object.fromEntries(MAPPED_TYPES.map((type) => [type, changesOf(type)])) as Record<
    MappedType,
    FieldChange[]
  >
}
