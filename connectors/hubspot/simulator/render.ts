import type { AssociatedRecord, CrmRecord, InlineAssociations, PropertyValues } from '../wire.ts'
import type { Edge } from './edges.ts'
import { versionsOf } from './history.ts'
import type { Portal } from './portal.ts'
import type { Standing, Table } from './table.ts'

const API = 'https://api.hubapi.com'

/** The properties an answer shows: asked for and known to the portal, besides those that always come. */
export const shown = (table: Table, asked: readonly string[]): readonly string[] => {
  if (asked.length === 0) return table.facts.defaultProperties
  const always = [table.facts.createdProperty, table.facts.modifiedProperty, 'hs_object_id']
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

/** The values that properties have had. */
export const historyOf = (
  table: Table,
  standing: Standing,
  names: readonly string[],
): Pick<CrmRecord, 'propertiesWithHistory'> => {
  if (names.length === 0) return {}
  const known = names.filter((name) => table.definitions.has(name))
  return {
    propertiesWithHistory: Object.fromEntries(known.map((name) => [name, versionsOf(table, standing, name)])),
  }
}

/** The live associations of a row: an archived record hides its own. */
export const liveEdges = (portal: Portal, type: string, row: number, to: string): Edge[] =>
  portal.edges.of(type, row, to).filter((edge) => portal.table(to).isLive(edge.row))

/** Association entries in the v3 shape: the same id once per type. */
export const v3Entries = (
  portal: Portal,
  type: string,
  row: number,
  to: string,
): { id: string; type: string }[] =>
  liveEdges(portal, type, row, to).flatMap((edge) =>
    [...edge.typeIds]
      .sort((a, b) => a - b)
      .map((typeId) => ({
        id: portal.table(to).idOf(edge.row),
        type: portal.associations.find(type, to, typeId)?.name ?? '',
      })),
  )

/** One page of v3 entries from an offset, with the link to the next. */
export const v3Page = (
  portal: Portal,
  type: string,
  row: number,
  to: string,
  offset: number,
  limit: number,
): InlineAssociations => {
  const entries = v3Entries(portal, type, row, to)
  const end = offset + limit
  const results = entries.slice(offset, end)
  if (end >= entries.length) return { results }
  const path = `/crm/v3/objects/${type}/${portal.table(type).idOf(row)}/associations/${to}`
  return { results, paging: { next: { after: String(end), link: `${API}${path}?after=${end}` } } }
}

/** The inline associations of a record; a type with none is left out, as HubSpot does. */
export const inline = (
  portal: Portal,
  type: string,
  row: number,
  towards: readonly string[],
): Record<string, InlineAssociations> | undefined => {
  const lists = towards
    .map((to) => [to, v3Page(portal, type, row, to, 0, portal.behaviour.inlineAssociationCap)] as const)
    .filter(([, list]) => list.results.length > 0)
  return lists.length === 0 ? undefined : Object.fromEntries(lists)
}

/** Associations in the v4 shape. */
export const v4Records = (portal: Portal, type: string, row: number, to: string): AssociatedRecord[] => {
  const said = portal.associations.of(type, to)
  return liveEdges(portal, type, row, to).map((edge) => ({
    toObjectId: Number(portal.table(to).idOf(edge.row)),
    associationTypes: edge.typeIds.map((typeId) => {
      const definition = said.find((candidate) => candidate.typeId === typeId)
      return {
        category: definition?.category ?? 'HUBSPOT_DEFINED',
        typeId,
        label: definition?.label ?? null,
      }
    }),
  }))
}

/** The address of the next page of a list. */
export const nextLink = (path: string, after: string): string => `${API}${path}?after=${after}`
