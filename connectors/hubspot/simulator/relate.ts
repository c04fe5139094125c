import type { AssociationSpec } from '../wire.ts'
import type { Edge } from './edges.ts'
import { invalid } from './errors.ts'
import { liveRow } from './find.ts'
import type { Portal } from './portal.ts'

/** Two rows that are associated, or are to be. */
export interface Between {
  type: string
  row: number
  to: string
  other: number
}

// Associations seen from the first row, to tell afterwards what has become of them.
const seen = (portal: Portal, { type, row, to }: Between): readonly Edge[] =>
  portal.ear === undefined ? [] : portal.edges.of(type, row, to)

const change = (portal: Portal, between: Between, work: () => void): void => {
  const before = seen(portal, between)
  work()
  if (portal.ear === undefined) return
  const after = seen(portal, between)
  const others = new Set([...before, ...after].map((edge) => edge.row))
  for (const other of others) {
    const [old, now] = [before, after].map((list) => list.find((edge) => edge.row === other)?.typeIds ?? [])
    for (const id of old!) if (!now!.includes(id)) tell(portal, { ...between, other }, id, true)
    for (const id of now!) if (!old!.includes(id)) tell(portal, { ...between, other }, id, false)
  }
}

// Both sides hear of it, each under its own type.
const tell = (portal: Portal, { type, row, to, other }: Between, typeId: number, removed: boolean): void => {
  const [id, toId] = [portal.table(type).idOf(row), portal.table(to).idOf(other)]
  const definition = portal.associations.find(type, to, typeId)
  const about = { what: 'associationChange', isPrimary: definition?.role === 'primary', removed } as const
  portal.tell({ ...about, type, id, to, toId, typeId })
  portal.tell({ ...about, type: to, id: toId, to: type, toId: id, typeId: definition?.back ?? typeId })
}

/** Puts type ids on a pair. */
export const relate = (portal: Portal, between: Between, typeIds: readonly number[]): void => {
  const { type, row, to, other } = between
  refuseTooMany(portal, between, typeIds)
  change(portal, between, () => portal.edges.add(type, row, to, other, typeIds))
}

// A portal may have set how many records one record may be associated with.
const refuseTooMany = (
  portal: Portal,
  { type, row, to, other }: Between,
  typeIds: readonly number[],
): void => {
  for (const { typeId, max } of portal.associations.of(type, to)) {
    if (max === undefined || !typeIds.includes(typeId)) continue
    const held = portal.edges
      .of(type, row, to)
      .filter((edge) => edge.row !== other && edge.typeIds.includes(typeId))
    if (held.length >= max)
      invalid(`${type} ${portal.table(type).idOf(row)} has reached its limit of ${max} associations.`, {
        subCategory: 'crm.associations.ASSOCIATION_LIMIT_EXCEEDED',
      })
  }
}

/** Takes type ids from a pair: all of them when none is named. */
export const unrelate = (portal: Portal, between: Between, typeIds?: readonly number[]): void => {
  const { type, row, to, other } = between
  change(portal, between, () =>
    typeIds === undefined
      ? portal.edges.remove(type, row, to, other)
      : portal.edges.removeTypes(type, row, to, other, typeIds),
  )
}

/** Associates two records by default: plain, and primary too when it is the first company of the record. */
export const relateByDefault = (portal: Portal, between: Between): readonly number[] => {
  const { type, row, to } = between
  const plain = portal.associations.mustBePlain(type, to)
  const primary = portal.associations.primary(type, to)
  const first = primary !== undefined && to === 'companies' && portal.edges.of(type, row, to).length === 0
  const typeIds = first ? [plain, primary] : [plain]
  relate(portal, between, typeIds)
  return typeIds
}

/** The row and type an association leads to, told by its type ids. Throws Refused. */
export const targetOf = (
  portal: Portal,
  type: string,
  id: string,
  types: readonly AssociationSpec[],
): { to: string; other: number } => {
  const typeId = types?.[0]?.associationTypeId
  const to =
    portal.associations.targetOf(type, typeId) ?? invalid(`Invalid association type ${typeId} for ${type}`)
  return { to, other: liveRow(portal, to, String(id)) }
}

/** Puts labels on a pair; the plain association is there with every label. Throws Refused for a label the pair does not know. */
export const relateAs = (portal: Portal, between: Between, types: readonly AssociationSpec[]): number[] => {
  const { type, to } = between
  const plain = portal.associations.mustBePlain(type, to)
  const named = types.map(({ associationTypeId }) =>
    portal.associations.mustFind(type, to, associationTypeId),
  )
  const all = [...new Set([plain, ...named.map(({ typeId }) => typeId)])]
  relate(portal, between, all)
  return all
}
