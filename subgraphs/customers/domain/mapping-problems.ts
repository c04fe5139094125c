import type { KnownProperty } from './catalog.ts'
import { type FieldKind, type HubField, hubField, hubFields, type MappedType } from './hub-fields.ts'
import { type FieldMapping, mappingOf, type Overrides, templateNames } from './mapping.ts'
import { GATHERING, isInvertible, type TransformKind } from './transforms.ts'

export type ProblemCode =
  | 'UNKNOWN_FIELD'
  | 'UNKNOWN_PROPERTY'
  | 'ARCHIVED_PROPERTY'
  | 'WRONG_TYPE'
  | 'BAD_TRANSFORM'
  | 'OPTION_WITHOUT_TARGET'
  | 'OPTION_GONE'
  | 'READ_ONLY'
  | 'NOT_INVERTIBLE'

/** What is wrong with a field's mapping, and how to mend it. */
export interface MappingProblem {
  field: string
  property: string | null
  code: ProblemCode
  /** The field cannot work like this. Otherwise it works, but not for every value. */
  blocks: boolean
  message: string
  fix: string
}

/** The properties of a kind of record by name, archived ones too. */
export type Catalog = ReadonlyMap<string, KnownProperty>

/**
 * How a field's mapping stands: it works; it waits, keeping what it last knew, until its problem is mended; the portal has
 * nothing for it; somebody has decided that it gets nothing.
 */
export type FieldState = 'ACTIVE' | 'PAUSED' | 'ABSENT' | 'UNMAPPED'

export interface JudgedField {
  field: string
  mapping: FieldMapping
  isDefault: boolean
  state: FieldState
  problems: readonly MappingProblem[]
}

/** How every field of a kind of record stands with a portal as it is now. Pure. */
export const judgeMappings = (type: MappedType, overrides: Overrides, catalog: Catalog): JudgedField[] =>
  Object.keys(hubFields(type)).map((field) => {
    const mapping = mappingOf(type, field, overrides)
    const isDefault = overrides[field] === undefined
    const problems = problemsOf(type, field, mapping, catalog, isDefault)
    return { field, mapping, isDefault, state: stateOf(mapping, problems, catalog, isDefault), problems }
  })

const stateOf = (
  { properties }: FieldMapping,
  problems: readonly MappingProblem[],
  catalog: Catalog,
  isDefault: boolean,
): FieldState => {
  if (properties.length === 0) return 'UNMAPPED'
  if (problems.some(({ blocks }) => blocks)) return 'PAUSED'
  // Without a catalogue yet nothing can be said against it.
  return isDefault && catalog.size > 0 && !properties.some((name) => catalog.has(name)) ? 'ABSENT' : 'ACTIVE'
}

/** Types of HubSpot that a kind of field takes as they are, and transforms that make any other fit. */
const FITS: Record<FieldKind, { types: readonly string[] | null; made: readonly TransformKind[] }> = {
  TEXT: { types: null, made: [] },
  NUMBER: { types: ['number'], made: ['NUMBER', 'CURRENCY', 'ENUM_MAP'] },
  WHOLE: { types: ['number'], made: ['NUMBER', 'CURRENCY', 'ENUM_MAP'] },
  MONEY: { types: ['number'], made: ['NUMBER', 'CURRENCY', 'ENUM_MAP'] },
  CURRENCY: { types: ['string', 'enumeration'], made: ['ENUM_MAP'] },
  DAY: { types: ['date', 'datetime'], made: ['DATE'] },
  INSTANT: { types: ['date', 'datetime'], made: ['DATE'] },
  FLAG: { types: ['bool', 'enumeration'], made: ['ENUM_MAP'] },
  OWNER: { types: ['enumeration'], made: [] },
}

/** In the words of people who keep a portal. */
const WANTED: Record<FieldKind, string> = {
  TEXT: 'text',
  NUMBER: 'a number',
  WHOLE: 'a number',
  MONEY: 'a number',
  CURRENCY: 'a currency code',
  DAY: 'a date',
  INSTANT: 'a date',
  FLAG: 'yes or no',
  OWNER: 'an owner',
}

/**
 * What is wrong with one field's mapping.
 * @param isDefault nobody chose it: a property that the portal never had, or that always had another type, is nobody's fault
 */
export const problemsOf = (
  type: MappedType,
  name: string,
  mapping: FieldMapping,
  catalog: Catalog,
  isDefault: boolean,
): MappingProblem[] => {
  const field = hubField(type, name)
  if (!field)
    return [
      {
        field: name,
        property: null,
        code: 'UNKNOWN_FIELD',
        blocks: true,
        message: `The hub has no field ${name} for ${type}.`,
        fix: 'Choose one of the fields that the mappings list.',
      },
    ]
  const { properties, transforms } = mapping
  return [
    ...properties.flatMap((property) => sourceProblems(name, field, mapping, property, catalog, isDefault)),
    ...optionProblems(name, mapping, catalog),
    ...shapeProblems(name, properties, transforms),
    ...(mapping.direction === 'BOTH' ? outwardProblems(name, mapping, catalog) : []),
  ]
}

const sourceProblems = (
  field: string,
  { kind, label }: HubField,
  mapping: FieldMapping,
  property: string,
  catalog: Catalog,
  isDefault: boolean,
): MappingProblem[] => {
  const known = catalog.get(property)
  const problem = (rest: Omit<MappingProblem, 'field' | 'property'>) => [{ field, property, ...rest }]
  if (!known)
    return isDefault
      ? []
      : problem({
          code: 'UNKNOWN_PROPERTY',
          blocks: true,
          message: `The portal has no property ${property}.`,
          fix: 'Choose another property, or refresh the field catalogue if it was made a moment ago.',
        })
  if (known.isArchived)
    return problem({
      code: 'ARCHIVED_PROPERTY',
      blocks: true,
      message: `The portal has archived the property ${property}; ${label} keeps the value it had.`,
      fix: 'Restore the property in HubSpot, or map the field to another one.',
    })
  const fits = FITS[kind]
  const isFit =
    fits.types === null ||
    fits.types.includes(known.kind) ||
    mapping.transforms.some((transform) => fits.made.includes(transform.kind))
  const wrongType = isFit
    ? []
    : problem({
        code: 'WRONG_TYPE',
        blocks: !isDefault || known.retypedFrom !== null,
        message: `The property ${property} is of type ${known.kind}; ${label} needs ${WANTED[kind]}.`,
        fix:
          fits.made.length > 0
            ? `Add a transform (${fits.made.join(' or ')}), change the type back in HubSpot, or map the field to another property.`
            : 'Change the type back in HubSpot, or map the field to another property.',
      })
  return wrongType
}

/** How many options a fix names. */
const NAMED = 5

const optionProblems = (field: string, mapping: FieldMapping, catalog: Catalog): MappingProblem[] => {
  const [first] = mapping.transforms
  // Behind another transform the values are no longer the portal's options.
  if (first?.kind !== 'ENUM_MAP') return []
  const sources = mapping.properties.flatMap((name) => catalog.get(name) ?? [])
  if (sources.length === 0 || sources.some((known) => known.isArchived || known.kind !== 'enumeration'))
    return []
  const options = new Set(sources.flatMap((known) => known.options.map(({ value }) => value)))
  const targets = new Set(first.options.map(({ from }) => from))
  const property = sources[0]?.name ?? null
  const gone = [...targets].filter((from) => !options.has(from))
  const open = [...options].filter((value) => !targets.has(value))
  const names = open.slice(0, NAMED).join(', ')
  return [
    ...gone.map((value) => ({
      field,
      property,
      code: 'OPTION_GONE' as const,
      blocks: true,
      message: `${property} no longer has the option ${value}: it was renamed or taken away in HubSpot.`,
      fix: `Take ${value} out of the mapping${names ? `, and give the option that took its place a target (without one are: ${names})` : ''}.`,
    })),
    ...(first.otherwise === 'BLANK' ? open : []).map((value) => ({
      field,
      property,
      code: 'OPTION_WITHOUT_TARGET' as const,
      blocks: false,
      message: `The option ${value} of ${property} has no target: records with it get no value.`,
      fix: 'Give the option a target, or let options without one stay as they are.',
    })),
  ]
}

const shapeProblems = (
  field: string,
  properties: readonly string[],
  transforms: FieldMapping['transforms'],
): MappingProblem[] => {
  const bad = (message: string, fix: string): MappingProblem => ({
    field,
    property: null,
    code: 'BAD_TRANSFORM',
    blocks: true,
    message,
    fix,
  })
  const misplaced = transforms
    .filter((transform, n) => n > 0 && GATHERING.has(transform.kind))
    .map(({ kind }) => bad(`${kind} takes several properties at once.`, 'Put it first.'))
  const [first] = transforms
  const strangers =
    first?.kind === 'TEMPLATE' ? templateNames(first.text).filter((name) => !properties.includes(name)) : []
  return [
    ...misplaced,
    ...strangers.map((name) =>
      bad(
        `The template names ${name}, which is none of the field's properties.`,
        'List it among the properties.',
      ),
    ),
  ]
}

const outwardProblems = (field: string, mapping: FieldMapping, catalog: Catalog): MappingProblem[] => {
  const { properties, transforms } = mapping
  const fixed = properties
    .flatMap((name) => catalog.get(name) ?? [])
    .filter((known) => known.isReadOnly || known.isCalculated)
    .map(({ name }) => ({
      field,
      property: name,
      code: 'READ_ONLY' as const,
      blocks: true,
      message: `HubSpot lets nobody write the property ${name}.`,
      fix: 'Map the field inwards only, or to a property that can be written.',
    }))
  const loses = properties.length > 1 || !transforms.every(isInvertible)
  return [
    ...fixed,
    ...(loses
      ? [
          {
            field,
            property: null,
            code: 'NOT_INVERTIBLE' as const,
            blocks: true,
            message: 'What this mapping reads cannot be written back as it was.',
            fix: 'Map the field inwards only, or from one property with transforms that can be undone.',
          },
        ]
      : []),
  ]
}
