import { z } from 'zod'
import type { FieldChange } from './changing-mappings.ts'
import { MAPPED_TYPES, type MappedType } from './hub-fields.ts'
import type { Overrides } from './mapping.ts'

/**
 * Mappings as a file, to be kept or taken to another portal. The form is described in docs/mapping.md; `format` goes up
 * when an older hub could not read it.
 */
export const FORMAT = 'tributary-mappings/1'

/** Longest file that is read. */
const LONGEST = 1_000_000

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
  return `${JSON.stringify({ format: FORMAT, objects }, inOrder, 2)}\n`
}

const inOrder = (_: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** Reads such a file. @returns what to change, by type, so that exactly the file's mappings hold; or what is wrong with it */
export const readDocument = (
  text: string,
  held: Partial<Record<MappedType, Overrides>>,
): { changes: Record<MappedType, FieldChange[]> } | { wrong: string } => {
  if (text.length > LONGEST) return { wrong: 'The file is too long to be one of mappings.' }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { wrong: 'The file is no JSON. Export one to see the form.' }
  }
  const read = document.safeParse(json)
  if (!read.success) {
    const [issue] = read.error.issues
    const where = issue?.path.join('.')
    return {
      wrong: `The file is not of the form ${FORMAT}${where ? `, at ${where}` : ''}: ${issue?.message ?? ''}`,
    }
  }
  const { objects } = read.data
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
