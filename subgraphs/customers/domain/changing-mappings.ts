import { hubField, hubFields, type MappedType } from './hub-fields.ts'
import { type FieldMapping, mappingOf, type Overrides } from './mapping.ts'
import type { MappingProblem } from './mapping-problems.ts'
import { readTransform, type Transform, type TransformKind } from './transforms.ts'

/** How somebody wants a field to be mapped. */
export interface FieldChange {
  field: string
  properties: readonly string[]
  transforms: readonly ({ kind: TransformKind } & Readonly<Record<string, unknown>>)[]
  direction: 'IN' | 'BOTH'
  useDefault: boolean
}

/** Properties and transforms of one field. */
const MOST_PROPERTIES = 10
const MOST_TRANSFORMS = 10

export interface Changed {
  overrides: Overrides
  /** Fields whose mapping is another than before. */
  fields: string[]
  /** What cannot be read at all: settings of transforms, fields that there are none of. */
  problems: MappingProblem[]
}

/** Applies changes to the mappings of a kind of record. What is as the hub has it anyway is not kept as somebody's. Pure. */
export const changeMappings = (
  type: MappedType,
  overrides: Overrides,
  changes: readonly FieldChange[],
): Changed => {
  const problems: MappingProblem[] = []
  const next: Record<string, FieldMapping> = { ...overrides }
  for (const change of changes) {
    const { field } = change
    if (!hubField(type, field)) {
      problems.push(
        wrong(
          field,
          'UNKNOWN_FIELD',
          `The hub has no field ${field} for ${type}.`,
          'Choose one of the fields that the mappings list.',
        ),
      )
      continue
    }
    const mapping = readChange(change, problems)
    if (change.useDefault || sameMapping(mapping, mappingOf(type, field, {}))) delete next[field]
    else next[field] = mapping
  }
  return { overrides: next, fields: differingFields(type, overrides, next), problems }
}

const wrong = (
  field: string,
  code: 'UNKNOWN_FIELD' | 'BAD_TRANSFORM',
  message: string,
  fix: string,
): MappingProblem => ({ field, property: null, code, blocks: true, message, fix })

const readChange = (change: FieldChange, problems: MappingProblem[]): FieldMapping => {
  const { field, direction } = change
  const properties = [...new Set(change.properties.map((name) => name.trim().toLowerCase()).filter(Boolean))]
  if (properties.length > MOST_PROPERTIES || change.transforms.length > MOST_TRANSFORMS)
    problems.push(
      wrong(
        field,
        'BAD_TRANSFORM',
        `A field takes ${MOST_PROPERTIES} properties and ${MOST_TRANSFORMS} transforms at most.`,
        'Take some away.',
      ),
    )
  const transforms: Transform[] = []
  for (const given of change.transforms) {
    // What a form leaves empty is not given.
    const settings = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== null && value !== undefined),
    )
    const read = readTransform(settings as { kind: TransformKind })
    if ('wrong' in read)
      problems.push(
        wrong(field, 'BAD_TRANSFORM', read.wrong, 'Give only the settings of its kind, as documented.'),
      )
    else transforms.push(read)
  }
  return { properties, transforms, direction }
}

const sameMapping = (a: FieldMapping, b: FieldMapping): boolean =>
  JSON.stringify(ordered(a)) === JSON.stringify(ordered(b))

/** The database gives the names of an object in an order of its own. */
const ordered = (mapping: FieldMapping) => [
  mapping.properties,
  mapping.transforms.map((transform) => Object.entries(transform).sort(([x], [y]) => (x < y ? -1 : 1))),
  mapping.direction,
]

/** Fields whose mapping differs between two states. */
export const differingFields = (type: MappedType, before: Overrides, after: Overrides): string[] =>
  Object.keys(hubFields(type)).filter(
    (field) => !sameMapping(mappingOf(type, field, before), mappingOf(type, field, after)),
  )

/** Mappings of fields as the audit keeps them: by kind of record and field, only those named. */
export const auditedFields = (
  type: MappedType,
  overrides: Overrides,
  fields: readonly string[],
): Record<string, FieldMapping> =>
  Object.fromEntries(fields.map((field) => [`${type}.${field}`, mappingOf(type, field, overrides)]))
