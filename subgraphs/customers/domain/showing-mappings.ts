import { hubField, hubFields, type MappedType } from './hub-fields.ts'
import type { JudgedField, MappingProblem } from './mapping-problems.ts'
import type { PausedField } from './reading.ts'
import { isInvertible, type Transform } from './transforms.ts'

/** A kind of record, as the graph names it. */
export type MappedObject = Uppercase<MappedType>
export const objectOf = (type: MappedType): MappedObject => type.toUpperCase() as MappedObject
export const typeOfObject = (object: MappedObject): MappedType => object.toLowerCase() as MappedType

const NOTHING = {
  decimal: null,
  group: null,
  unit: null,
  format: null,
  options: null,
  otherwise: null,
  separator: null,
  part: null,
  text: null,
}

/** A transform as the graph shows it: the settings of other kinds are null. */
export const shownTransform = (transform: Transform) => ({
  ...NOTHING,
  ...transform,
  group: 'group' in transform ? (transform.group ?? null) : null,
  options: 'options' in transform ? [...transform.options] : null,
  invertible: isInvertible(transform),
})

/** A problem as the graph shows it. */
export const shownProblem = (type: MappedType, problem: MappingProblem) => ({
  ...problem,
  objectType: objectOf(type),
})

/** A field's mapping as the graph shows it. */
export const shownField = (
  type: MappedType,
  { field, mapping, isDefault, state, problems }: JudgedField,
  paused: Readonly<Record<string, PausedField>>,
) => {
  const declared = hubField(type, field) ?? hubFields(type)[field]!
  const since = paused[field]?.since
  return {
    field,
    label: declared.label,
    description: declared.says,
    kind: declared.kind,
    personal: declared.personal !== undefined,
    properties: [...mapping.properties],
    transforms: mapping.transforms.map(shownTransform),
    direction: mapping.direction,
    isDefault,
    state,
    pausedSince: state === 'PAUSED' && since ? new Date(since) : null,
    problems: problems.map((problem) => shownProblem(type, problem)),
  }
}

/** A kind of record's mapping as the graph shows it. */
export const shownMapping = (
  type: MappedType,
  row: { version: number; paused: Readonly<Record<string, PausedField>>; relist: boolean } & {
    updated_at: Date
    updated_by: string | null
  },
  judged: readonly JudgedField[],
  rederivation: ShownRederivation | undefined,
) => ({
  objectType: objectOf(type),
  version: row.version,
  fields: judged.map((each) => shownField(type, each, row.paused)),
  rederivation: rederivation
    ? {
        version: rederivation.version,
        complete: rederivation.state === 'DONE',
        done: rederivation.done,
        total: rederivation.total,
        changed: rederivation.changed,
        readsAgain: row.relist,
        requestedAt: rederivation.requested_at,
        finishedAt: rederivation.finished_at,
      }
    : null,
  updatedAt: row.updated_by === null ? null : row.updated_at,
})

interface ShownRederivation {
  version: number
  state: 'RUNNING' | 'DONE'
  done: number
  total: number
  changed: number
  requested_at: Date
  finished_at: Date | null
}
