import { type AgreedApart as Agreed, agreedNaming, agreeOn } from '#sync/agreement.ts'
import { isPlaceholder, type LinkPlace, namesOf, readLinks } from '#sync/links.ts'
import type { Outgoing } from '#sync/outgoing.ts'
import type { Write } from '#sync/sink.ts'
import type { Applying, Moved } from '#sync/target.ts'
import { same, type Values } from '#sync/values.ts'
import { CHILD_TYPES, type ChildType, linksOf } from '../domain/kinds.ts'
import {
  fieldToLinks,
  isLinkField,
  linkField,
  linksToField,
  movedLinks,
  typeOfLinkField,
} from '../domain/links.ts'
import { replaceEdges } from '../store/edges.ts'
import { linkingTo, relinkRecords } from '../store/linking.ts'
import { propertiesOf } from '../store/records.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'

/**
 * Lets what waits to be written name records as the portal does since it has merged them. What both sides agree on is left to be read.
 * Seven statements at most for each kind that names them.
 * @returns what waits and names them, or what is gone: HubSpot is asked whether it still takes that
 */
export const moveLinks = async (
  raw: object,
  type: string,
  moved: readonly Moved[],
  { orgId, connectionId }: Applying,
): Promise<Outgoing[]> => {
  const tx = asTransaction(raw)
  const field = linkField(type)
  // What HubSpot never had it cannot be asked for. What it has no more may have been merged: it says so when it is asked.
  const known = moved.filter(({ from, to }) => to !== null || isPlaceholder(from))
  const names = new Map(known.map(({ from, to }) => [from, to]))
  const ids = moved.flatMap(({ from, to }) => (to === null ? [from] : [from, to]))
  const items = linksToField(ids.flatMap((id) => [true, false].map((primary) => ({ id, primary }))))
  const all: Outgoing[] = []
  for (const child of CHILD_TYPES.filter((each) => linksOf(each).includes(type))) {
    const place = { orgId, integrationId: connectionId, type: child }
    const naming = await linkingTo(tx, place, type, ids)
    const localIds = naming.map(({ id }) => id)
    const waiting = await agreedNaming(tx, { orgId, connectionId, type: child }, { localIds, field, items })
    await relink(tx, { orgId, connectionId, type: child }, waiting, new Map([[field, names]]))
    all.push(...waiting.map(({ localId }) => ({ type: child, localId })))
  }
  return all
}

/**
 * Gives up links that HubSpot has refused because it no longer has whom they lead to: they were only here. Where it has merged them,
 * they lead to whom they have become. Of other refusals somebody has to learn. Six statements at most, and two for each kind linked to.
 * @returns the records whose links were given up
 */
export const giveUpLinks = async (
  raw: object,
  type: string,
  writes: readonly Write[],
  { orgId, connectionId }: Applying,
): Promise<Outgoing[]> => {
  const tx = asTransaction(raw)
  const place = { orgId, connectionId, type }
  const lost = new Map<string, Map<string, string | null>>()
  for (const field of new Set(writes.flatMap(({ fields }) => Object.keys(fields).filter(isLinkField)))) {
    const ids = writes.flatMap(({ fields }) => fieldToLinks(fields[field]?.to).map(({ id }) => id))
    const of = { ...place, type: typeOfLinkField(field) }
    const survivors = await namesOf(tx, place, ids, of.type)
    const gone = [...(await readLinks(tx, of, ids)).values()].flatMap(({ externalId, goneReason }) => {
      if (goneReason === 'merged') return [[externalId, survivors.get(externalId) ?? null] as const]
      return goneReason === 'archived' || goneReason === 'missing' ? [[externalId, null] as const] : []
    })
    if (gone.length > 0) lost.set(field, new Map(gone))
  }
  if (lost.size === 0) return []
  const localIds = writes.map(({ localId }) => localId)
  const waiting = await agreedNaming(tx, place, { localIds, field: '', items: [] })
  const relinked = await relink(tx, { ...place, type: type as ChildType }, waiting, lost)
  return relinked.map((localId) => ({ type, localId }))
}

/** Writes links under other names, or without some: what was agreed on of them, what is held, and the links themselves. */
const relink = async (
  tx: Transaction,
  links: LinkPlace & { type: ChildType },
  waiting: readonly Agreed[],
  names: ReadonlyMap<string, ReadonlyMap<string, string | null>>,
): Promise<string[]> => {
  if (waiting.length === 0) return []
  const ids = waiting.map(({ localId }) => localId)
  const held = (await propertiesOf(tx, links.type, ids)) as Map<string, Values>
  const changed: string[] = []
  for (const [field, of] of names) {
    const changes = waiting.map(({ localId, externalId, base }) => {
      const properties = held.get(localId) ?? {}
      const was = { base: base[field] ?? null, held: properties[field] ?? null }
      return { localId, externalId, properties, was, is: movedLinks(was, of) }
    })
    const agreed = changes.filter(({ was, is }) => !same(was.base, is.base))
    await agreeOn(
      tx,
      links,
      agreed.map(({ localId, properties, is }) => ({
        ...{ localId, held: properties, fields: { [field]: is.base } },
      })),
    )
    const relinked = changes.filter(({ was, is }) => !same(was.held, is.held))
    await writeLinksHere(tx, links, { field, names: of }, relinked)
    for (const { localId, properties, is } of relinked) held.set(localId, { ...properties, [field]: is.held })
    changed.push(...relinked.map(({ localId }) => localId))
  }
  return changed
}

interface Relinked {
  localId: string
  externalId: string
  properties: Values
  is: { held: readonly string[] }
}

const writeLinksHere = async (
  tx: Transaction,
  { orgId, connectionId, type: child }: LinkPlace & { type: ChildType },
  { field, names }: { field: string; names: ReadonlyMap<string, string | null> },
  relinked: readonly Relinked[],
): Promise<void> => {
  const [place, type] = [{ orgId, integrationId: connectionId, type: child }, typeOfLinkField(field)]
  const pairs = [...names].flatMap(([from, to]): [string, string][] => (to === null ? [] : [[from, to]]))
  const rows = relinked.map(({ localId, properties, is }) => ({
    ...{ id: localId, properties: { ...properties, [field]: is.held }, names: pairs },
  }))
  await relinkRecords(tx, place, type, rows)
  const sets = relinked.map(({ externalId, is }) => ({
    ...{ from: externalId, toType: type, links: fieldToLinks(is.held) },
  }))
  await replaceEdges(tx, place, sets, false)
}
