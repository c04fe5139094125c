import type { HubSpotKind } from '#connectors/demo/index.ts'
import { recordId, recordIndex } from '#connectors/demo/index.ts'
import { DEFAULT_PROPERTIES, OBJECT_TYPE_FACTS, OBJECT_TYPES, type ObjectType } from '../wire.ts'

/** What the simulator must know of an object type, be it HubSpot's own or one that a portal has made up. */
export interface TypeFacts {
  /** The plural of HubSpot's own types, `2-4711` of a made-up one: how the simulator names a type everywhere. */
  name: string
  typeId: string
  /** As messages and association types say it. */
  singular: string
  createdProperty: string
  modifiedProperty: string
  defaultProperties: readonly string[]
  /** Of every group, one property must be given. */
  required: readonly (readonly string[])[]
  idOf(row: number): string
  rowOf(id: string | number): number | undefined
}

/** Types of which the demo universe has records. */
export const GENERATED = [
  'companies',
  'contacts',
  'deals',
  'tickets',
  'tasks',
  'notes',
] as const satisfies readonly HubSpotKind[]

/** Whether the demo universe has records of a type. */
export const isGenerated = (type: string): type is HubSpotKind =>
  (GENERATED as readonly string[]).includes(type)

const REQUIRED: Readonly<Record<ObjectType, TypeFacts['required']>> = {
  companies: [['name', 'domain']],
  contacts: [],
  deals: [['dealname'], ['dealstage']],
  tickets: [['subject'], ['hs_pipeline_stage']],
  tasks: [['hs_timestamp']],
  notes: [['hs_timestamp']],
  calls: [['hs_timestamp']],
}

// Ids of records that no universe has made: ascending with gaps, as a portal's are.
const numbered = (first: number, step: number): Pick<TypeFacts, 'idOf' | 'rowOf'> => ({
  idOf: (row) => String(first + row * step),
  rowOf(id) {
    const row = (Number(id) - first) / step
    return Number.isInteger(row) && row >= 0 && this.idOf(row) === String(id) ? row : undefined
  },
})

/** The facts of HubSpot's own types. */
export const STANDARD_TYPES: readonly TypeFacts[] = OBJECT_TYPES.map((name) => {
  const isActivity = name === 'tasks' || name === 'notes' || name === 'calls'
  return {
    name,
    ...OBJECT_TYPE_FACTS[name],
    createdProperty: isActivity ? 'hs_createdate' : 'createdate',
    defaultProperties: DEFAULT_PROPERTIES[name],
    required: REQUIRED[name],
    ...(name === 'calls'
      ? numbered(63_000_000_000, 23)
      : {
          idOf: (row: number) => recordId(name, row),
          rowOf: (id: string | number) => recordIndex(name, id),
        }),
  }
})

/** The facts of a type that a portal has made up. */
export const customType = (number: number, portalId: string, name: string): TypeFacts => ({
  name: `2-${number}`,
  typeId: `2-${number}`,
  singular: `p${portalId}_${name}`,
  createdProperty: 'hs_createdate',
  modifiedProperty: 'hs_lastmodifieddate',
  defaultProperties: ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id'],
  required: [],
  ...numbered(100_000_000_000 + number * 10_000_000, 29),
})
