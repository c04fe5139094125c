import { z } from 'zod'
import type { FieldChange } from './changing-mappings.ts'
import { MAPPED_TYPES, type MappedType } from './hub-fields.ts'
import type { Overrides } from './mapping.ts'
import { readFile, writeFile } from './settings-file.ts'

/**
 * Mappings as a file, to be kept or taken to another portal. The form is described in docs/mapping.md; `format` goes up
 * when an older hub could not read it.
 */
export const FORMAT = 'tributary-mappings/1'

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

/** Writes the mappings that somebody made; what the hub maps by itself is left out. The same text for the same mappings. */
export const writeDocument = (mappings: Partial<Record<MappedType, Overrides>>): string => {
  const objects = Object.fromEntries(
    MAPPED_TYPES.filter((type) => Object.keys(mappings[type] ?? {}).length > 0).map((type) => [
      type,
      Object.fromEntries(Object.entries(mappings[type] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))),
    ]),
  )
  return writeFile(FORMAT, { objects })
}

/** Reads such a file. @returns what to change, by type, so that exactly the file's mappings hold; or what is wrong with it */
export const readDocument = (
  text: string,
  held: Partial<Record<MappedType, Overrides>>,
): { changes: Record<MappedType, FieldChange[]> } | { wrong: string } => {
  const read = readFile(text, { format: FORMAT, what: 'mappings', shape: document })
  if ('wrong' in read) return read
  const { objects } = read.content
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
  return {
    changes: Object.fromEntries(MAPPED_TYPES.map((type) => [type, changesOf(type)])) as Record<
      MappedType,
      FieldChange[]
    >,
  }
}
