import { notFound } from './errors.ts'
import type { Portal } from './portal.ts'

/** The live row of an id; undefined for an archived or unknown one. A merged id answers its survivor when `followMerges`. */
export const findLive = (
  portal: Portal,
  type: string,
  id: string,
  followMerges = true,
): number | undefined => {
  const table = portal.table(type)
  let row = table.rowOf(id)
  while (row !== undefined && followMerges) {
    const into: number | null | undefined = table.version(row)?.mergedInto
    if (into == null) break
    row = into
  }
  return row !== undefined && table.isLive(row) ? row : undefined
}

/** The same; a 404 instead of undefined. */
export const liveRow = (portal: Portal, type: string, id: string, followMerges = true): number =>
  findLive(portal, type, id, followMerges) ?? notFound('resource not found', { id: [id] })
