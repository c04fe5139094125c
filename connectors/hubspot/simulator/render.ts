import {
  ASSOCIATION_TYPE_IDS,
  type AssociatedRecord,
  type CrmRecord,
  DEFAULT_PROPERTIES,
  type InlineAssociations,
  OBJECT_TYPE_FACTS,
  type ObjectType,
  type PropertyValues,
} from '../wire.ts'
import type { Edge } from './edges.ts'
import type { Portal } from './portal.ts'
import type { Standing, Table } from './table.ts'

const API = 'https://api.hubapi.com'

/** The properties an answer shows: asked for and known to the portal, besides those that always come. */
export const shown = (table: Table, asked: readonly string[]): readonly string[] => {
  if (asked.length === 0) return DEFAULT_PROPERTIES[table.type]
  const always = ['createdate', OBJECT_TYPE_FACTS[table.type].modifiedProperty, 'hs_object_id']
  return [...new Set([...asked.map((name) => name.toLowerCase()), ...always])]
}

/** A record as the API gives it. */
export const rendered = (table: Table, standing: Standing, names: readonly string[]): CrmRecord => {
  const properties: PropertyValues = {}
  for (const name of names) {
    const value = table.value(standing, name)
    if (value !== undefined) properties[name] = value
  }
  return {
    id: standing.id,
    properties,
    createdAt: standing.created,
    updatedAt: standing.modified,
    archived: standing.archivedAt !== null,
    ...(standing.archivedAt === null ? {} : { archivedAt: new Date(standing.archivedAt).toISOString() }),
  }
}

/** The live associations of a row: an archived record hides its own. */
export const liveEdges = (portal: Portal, type: ObjectType, row: number, to: ObjectType): Edge[] =>
  portal.edges.of(type, row, to).filter((edge) => portal.tables[to].isLive(edge.row))

// HubSpot names the v3 types after the pair, and tells plain from primary by `_unlabeled`.
const typeName = (type: ObjectType, to: ObjectType, typeId: number): string => {
  const name = `${OBJECT_TYPE_FACTS[type].singular}_to_${OBJECT_TYPE_FACTS[to].singular}`
  const ids = ASSOCIATION_TYPE_IDS[`${type}>${to}`]
  return ids?.primary !== undefined && typeId === ids.plain ? `${name}_unlabeled` : name
}

/** Association entries in the v3 shape: the same id once per type. */
export const v3Entries = (
  portal: Portal,
  type: ObjectType,
  row: number,
  to: ObjectType,
): { id: string; type: string }[] =>
  liveEdges(portal, type, row, to).flatMap((edge) =>
    [...edge.typeIds]
      .sort((a, b) => a - b)
      .map((typeId) => ({ id: portal.tables[to].idOf(edge.row), type: typeName(type, to, typeId) })),
  )

/** One page of v3 entries from an offset, with the link to the next. */
export const v3Page = (
  portal: Portal,
  type: ObjectType,
  row: number,
  to: ObjectType,
  offset: number,
  limit: number,
): InlineAssociations => {
  const entries = v3Entries(portal, type, row, to)
  const end = offset + limit
  const results = entries.slice(offset, end)
  if (end >= entries.length) return { results }
  const path = `/crm/v3/objects/${type}/${portal.tables[type].idOf(row)}/associations/${to}`
  return { results, paging: { next: { after: String(end), link: `${API}${path}?after=${end}` } } }
}

/** The inline associations of a record; a type with none is left out, as HubSpot does. */
export const inline = (
  portal: Portal,
  type: ObjectType,
  row: number,
  towards: readonly ObjectType[],
): Record<string, InlineAssociations> | undefined => {
  const lists = towards
    .map((to) => [to, v3Page(portal, type, row, to, 0, portal.behaviour.inlineAssociationCap)] as const)
    .filter(([, list]) => list.results.length > 0)
  return lists.length === 0 ? undefined : Object.fromEntries(lists)
}

/** Associations in the v4 shape. */
export const v4Records = (
  portal: Portal,
  type: ObjectType,
  row: number,
  to: ObjectType,
): AssociatedRecord[] => {
  const ids = ASSOCIATION_TYPE_IDS[`${type}>${to}`]
  return liveEdges(portal, type, row, to).map((edge) => ({
    toObjectId: Number(portal.tables[to].idOf(edge.row)),
    associationTypes: edge.typeIds.map((typeId) => ({
      category: 'HUBSPOT_DEFINED',
      typeId,
      label: typeId === ids?.primary ? 'Primary' : null,
    })),
  }))
}

/** The address of the next page of a list. */
export const nextLink = (path: string, after: string): string => `${API}${path}?after=${after}`
