import { localIdIn } from '#sync/links.ts'
import type { Outgoing } from '#sync/outgoing.ts'
import type { Applying } from '#sync/target.ts'
import { CHILD_TYPES, linksOf } from '../domain/kinds.ts'
import { fieldToLinks, linkField, linksToField } from '../domain/links.ts'
import { type OwnedType, ownObjects } from '../domain/own-objects.ts'
import { TIMELINE_TYPE } from '../domain/timeline.ts'
import { type LinkingRow, linkingTo, relinkRecords } from '../store/linking.ts'
import { timelineWaitingFor } from '../store/timeline.ts'
import { asTransaction } from '../store/transaction.ts'
import { nameInOwn } from './own-records.ts'

/** The kinds whose records name records of a kind, in one order for all. */
export const namedBy = (type: string): string[] => [
  ...CHILD_TYPES.filter((each) => linksOf(each).includes(type)),
  ...ownObjects(true).flatMap((each) =>
    (each.linkedTo as readonly string[]).includes(type) ? each.type : [],
  ),
]

/**
 * Lets records that name others by their placeholders name them by the ids that the portal has given them: two statements for each
 * kind that names them, and two for those of our own.
 * @returns the records that did: they can be written now
 */
export const nameLinks = async (
  raw: object,
  type: OwnedType,
  named: readonly { placeholder: string; externalId: string }[],
  around: Applying,
): Promise<Outgoing[]> => {
  const { orgId, connectionId } = around
  const tx = asTransaction(raw)
  const names = new Map(named.map(({ placeholder, externalId }) => [placeholder, externalId]))
  const field = linkField(type)
  const freed: Outgoing[] = await nameInOwn(raw, type, names, around)
  if (type === 'companies') {
    const ids = named.flatMap(({ placeholder }) => localIdIn(placeholder) ?? [])
    const waiting = await timelineWaitingFor(tx, { orgId, integrationId: connectionId }, ids)
    freed.push(...waiting.map((id) => ({ type: TIMELINE_TYPE, localId: id })))
  }
  for (const child of CHILD_TYPES.filter((each) => linksOf(each).includes(type))) {
    const place = { orgId, integrationId: connectionId, type: child }
    const rows = await linkingTo(tx, place, type, [...names.values()])
    const renamed = rows.flatMap((row) => renamedIn(row, field, names) ?? [])
    await relinkRecords(tx, place, type, renamed)
    freed.push(...renamed.map(({ id }) => ({ type: child, localId: id })))
  }
  return freed
}

const renamedIn = (
  { id, properties }: LinkingRow,
  field: string,
  names: ReadonlyMap<string, string>,
): { id: string; properties: Record<string, unknown>; names: [string, string][] } | undefined => {
  const links = fieldToLinks(properties[field])
  const mine = links.flatMap((link): [string, string][] => {
    const name = names.get(link.id)
    return name === undefined ? [] : [[link.id, name]]
  })
  if (mine.length === 0) return undefined
  const renamed = links.map((link) => ({ ...link, id: names.get(link.id) ?? link.id }))
  return { id, properties: { ...properties, [field]: linksToField(renamed) }, names: mine }
}
