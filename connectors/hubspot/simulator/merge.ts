import { invalid } from './errors.ts'
import type { Portal } from './portal.ts'
import type { Version } from './table.ts'
import type { Values } from './values.ts'
import { replace } from './write.ts'

const MOST_MERGES = 250

/** Merges a record into another and answers the survivor's row, which is new when the portal behaves so. Throws Refused. */
export const merge = (portal: Portal, type: string, primary: number, merged: number): number => {
  const table = portal.table(type)
  if (primary === merged) invalid('Cannot merge a record with itself')
  const [winner, loser] = [table.standing(primary), table.standing(merged)]
  const values: Values = { ...loser.properties }
  for (const [name, value] of Object.entries(winner.properties)) if (value !== null) values[name] = value
  const moved = Object.keys(loser.properties).filter(
    (name) => loser.properties[name] !== null && winner.properties[name] == null,
  ).length
  for (const name of [table.facts.createdProperty, table.facts.modifiedProperty, 'hs_object_id'])
    delete values[name]
  const isNew = portal.behaviour.mergedRecordId === 'new' && (type === 'companies' || type === 'contacts')
  values.hs_merged_object_ids = joined(
    winner.properties.hs_merged_object_ids,
    loser.properties.hs_merged_object_ids,
    loser.id,
    isNew ? winner.id : null,
  )
  if ((values.hs_merged_object_ids?.split(';').length ?? 0) > MOST_MERGES)
    invalid(`A record can be merged at most ${MOST_MERGES} times.`)
  if (type === 'contacts')
    values.hs_additional_emails = joined(
      winner.properties.hs_additional_emails,
      winner.properties.email === null ? null : loser.properties.email,
      loser.properties.hs_additional_emails,
    )
  if (type === 'companies')
    values.hs_additional_domains = joined(
      winner.properties.hs_additional_domains,
      loser.properties.domain === winner.properties.domain ? null : loser.properties.domain,
      loser.properties.hs_additional_domains,
    )
  const survivor = put(portal, type, { primary, merged, isNew, values })
  portal.tell({
    what: 'merge',
    type,
    primary: winner.id,
    merged: loser.id,
    survivor: table.idOf(survivor),
    moved,
  })
  return survivor
}

const put = (
  portal: Portal,
  type: string,
  { primary, merged, isNew, values }: { primary: number; merged: number; isNew: boolean; values: Values },
): number => {
  const table = portal.table(type)
  const [at, indexTime, { indexLagMs }] = [portal.now(), portal.indexTime(), portal.behaviour]
  const createdAt = Math.min(table.standing(primary).createdAt, table.standing(merged).createdAt)
  const version: Version = {
    properties: values,
    createdAt,
    modifiedAt: at,
    archivedAt: null,
    mergedInto: null,
  }
  const survivor = isNew ? table.add(version, indexTime, indexLagMs) : primary
  if (isNew) replace(portal, type, primary, { mergedInto: survivor, modifiedAt: at })
  else table.put(primary, version, indexTime, indexLagMs)
  replace(portal, type, merged, { mergedInto: survivor, modifiedAt: at })
  moveEdges(portal, type, merged, survivor)
  if (isNew) moveEdges(portal, type, primary, survivor)
  return survivor
}

const moveEdges = (portal: Portal, type: string, from: number, to: number): void => {
  for (const other of portal.types())
    for (const edge of portal.edges.of(type, from, other)) {
      portal.edges.remove(type, from, other, edge.row)
      if (!(other === type && edge.row === to)) portal.edges.add(type, to, other, edge.row, edge.typeIds)
    }
}

const joined = (...lists: (string | null | undefined)[]): string | null => {
  const parts = new Set(lists.flatMap((list) => (list == null || list === '' ? [] : list.split(';'))))
  return parts.size === 0 ? null : [...parts].join(';')
}
