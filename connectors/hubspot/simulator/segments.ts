import type { Segment, SegmentBranch, SegmentFilter, SegmentWrite } from '../segment-wire.ts'
import { invalid, notFound } from './errors.ts'
import type { Portal } from './portal.ts'
import type { Standing, Table } from './table.ts'
import { instant } from './values.ts'

interface Kept {
  segment: Segment
  /** The type of the records. */
  type: string
  /** When each row was put in, epoch milliseconds; unused by dynamic ones. */
  rows: Map<number, number>
  /** What was found when the records were last looked through. */
  found?: { changes: number; rows: readonly number[] }
}

/** The lists of one portal, and who is in them. */
export class Segments {
  readonly #kept = new Map<string, Kept>()
  #given = 0

  list = (): Segment[] => [...this.#kept.values()].map(({ segment }) => segment)
  find = (id: string): Segment => this.#get(id).segment
  typeOf = (id: string): string => this.#get(id).type
  #get(id: string): Kept {
    return this.#kept.get(id) ?? notFound(`List does not exist with ID ${id}.`, { listId: [id] })
  }

  /** Makes a list. Throws Refused. */
  add(portal: Portal, write: SegmentWrite): Segment {
    const type = portal.typeNamed(write.objectTypeId ?? '')
    if (type === undefined) return invalid(`Unable to infer object type from: ${write.objectTypeId}`)
    if (!write.name) return invalid('name is required')
    if (!['MANUAL', 'DYNAMIC', 'SNAPSHOT'].includes(write.processingType))
      return invalid(`processingType ${write.processingType} is not valid`)
    if (this.list().some(({ name, deletedAt }) => name === write.name && deletedAt === undefined))
      return invalid(`List with name '${write.name}' already exists.`, {
        subCategory: 'ILS.DUPLICATE_LIST_NAMES',
      })
    if (write.processingType !== 'MANUAL') {
      if (write.filterBranch === undefined) return invalid('filterBranch is required')
      checkBranch(portal.table(type), write.filterBranch)
    }
    this.#given += 1
    const at = new Date(portal.now()).toISOString()
    const segment: Segment = {
      listId: String(this.#given),
      listVersion: 1,
      name: write.name,
      objectTypeId: portal.factsOf(type).typeId,
      processingType: write.processingType,
      processingStatus: 'COMPLETE',
      createdAt: at,
      updatedAt: at,
      createdById: '5500',
      ...(write.filterBranch === undefined ? {} : { filterBranch: write.filterBranch, filtersUpdatedAt: at }),
    }
    const rows = new Map<number, number>()
    const kept = { segment, type, rows }
    if (write.processingType === 'SNAPSHOT')
      for (const row of matching(portal, kept)) rows.set(row, portal.now())
    this.#kept.set(segment.listId, kept)
    return segment
  }

  change(id: string, change: Partial<Segment>): Segment {
    const kept = this.#get(id)
    kept.segment = { ...kept.segment, ...change, listVersion: kept.segment.listVersion + 1 }
    if (change.deletedAt === undefined) delete kept.segment.deletedAt
    return kept.segment
  }

  /** Gives a list other filters. Throws Refused for one that has none. */
  refilter(portal: Portal, id: string, filterBranch: SegmentBranch): Segment {
    const kept = this.#get(id)
    if (kept.segment.processingType !== 'DYNAMIC') invalid(`List ${id} has no filters.`)
    checkBranch(portal.table(kept.type), filterBranch)
    delete kept.found
    const at = new Date(portal.now()).toISOString()
    return this.change(id, { filterBranch, filtersUpdatedAt: at, updatedAt: at })
  }

  /** The live rows of a list, each with when it came in, by ascending row. */
  members(portal: Portal, id: string): [row: number, at: number][] {
    const kept = this.#get(id)
    const table = portal.table(kept.type)
    if (kept.segment.processingType !== 'DYNAMIC')
      return [...kept.rows].filter(([row]) => table.isLive(row)).sort(([a], [b]) => a - b)
    return matching(portal, kept).map((row) => [row, table.modifiedAt(row, table.version(row))])
  }

  /** Puts rows in and takes rows out. Throws Refused for a list that fills itself. */
  edit(id: string, wish: { add?: readonly number[]; remove?: readonly number[] }, at: number) {
    const { segment, rows } = this.#get(id)
    if (segment.processingType === 'DYNAMIC')
      invalid(`List ${id} is of type DYNAMIC; its memberships cannot be changed.`)
    const added = (wish.add ?? []).filter((row) => !rows.has(row))
    const removed = (wish.remove ?? []).filter((row) => rows.delete(row))
    for (const row of added) rows.set(row, at)
    return { added, removed }
  }
}

const matching = (portal: Portal, kept: Kept): readonly number[] => {
  const { segment, type, found } = kept
  const table = portal.table(type)
  if (found?.changes === table.changes) return found.rows
  const rows: number[] = []
  for (let row = 0; row < table.size; row += 1)
    if (table.isLive(row) && holds(table, table.standing(row), segment.filterBranch!)) rows.push(row)
  kept.found = { changes: table.changes, rows }
  return rows
}

const checkBranch = (table: Table, { filterBranches = [], filters = [] }: SegmentBranch): void => {
  for (const { filterType, property, operation } of filters) {
    if (filterType !== 'PROPERTY') invalid(`The simulator knows no filters of type ${filterType}`)
    if (!table.definitions.has(property)) invalid(`Property ${property} does not exist`)
    if (!Object.hasOwn(OPERATORS, operation?.operator)) invalid(`Invalid operator ${operation?.operator}`)
  }
  for (const branch of filterBranches) checkBranch(table, branch)
}

const holds = (table: Table, standing: Standing, branch: SegmentBranch): boolean => {
  const parts = [
    ...(branch.filters ?? []).map((filter) => () => passes(table, standing, filter)),
    ...(branch.filterBranches ?? []).map((inner) => () => holds(table, standing, inner)),
  ]
  return branch.filterBranchType === 'OR' ? parts.some((part) => part()) : parts.every((part) => part())
}

type Test = (value: string, wanted: readonly string[]) => boolean
const numeric = (text: string): number => (Number.isNaN(Number(text)) ? instant(text) : Number(text))

const OPERATORS: Readonly<Record<string, Test>> = {
  IS_EQUAL_TO: (value, wanted) => wanted.includes(value),
  IS_NOT_EQUAL_TO: (value, wanted) => !wanted.includes(value),
  IS_ANY_OF: (value, wanted) => value.split(';').some((one) => wanted.includes(one)),
  IS_NONE_OF: (value, wanted) => !value.split(';').some((one) => wanted.includes(one)),
  CONTAINS: (value, wanted) => wanted.some((one) => value.toLowerCase().includes(one.toLowerCase())),
  IS_GREATER_THAN: (value, [wanted = '']) => numeric(value) > numeric(wanted),
  IS_LESS_THAN: (value, [wanted = '']) => numeric(value) < numeric(wanted),
  IS_KNOWN: () => true,
  IS_UNKNOWN: () => false,
}

const passes = (table: Table, standing: Standing, { property, operation }: SegmentFilter): boolean => {
  const value = table.value(standing, property) ?? null
  if (value === null)
    return operation.operator === 'IS_UNKNOWN' || operation.includeObjectsWithNoValueSet === true
  const wanted = operation.values ?? (operation.value === undefined ? [] : [String(operation.value)])
  return OPERATORS[operation.operator]!(value, wanted)
}

const anyOf = (property: string, values: string[]): SegmentBranch => ({
  filterBranchType: 'OR',
  filters: [],
  filterBranches: [
    {
      filterBranchType: 'AND',
      filterBranches: [],
      filters: [
        {
          filterType: 'PROPERTY',
          property,
          operation: { operationType: 'ENUMERATION', operator: 'IS_ANY_OF', values },
        },
      ],
    },
  ],
})

/** The lists that a fresh portal has. */
export const STANDARD_SEGMENTS: readonly SegmentWrite[] = [
  {
    name: 'Customers',
    objectTypeId: '0-2',
    processingType: 'DYNAMIC',
    filterBranch: anyOf('lifecyclestage', ['customer']),
  },
  { name: 'Key accounts', objectTypeId: '0-2', processingType: 'MANUAL' },
  {
    name: 'Decision makers',
    objectTypeId: '0-1',
    processingType: 'DYNAMIC',
    filterBranch: anyOf('concern', ['executive', 'purchasing']),
  },
]

/** The one of them that people fill by hand: the first ten companies are in it. */
export const KEY_ACCOUNTS = '2'
