import { publish } from '#events/outbox.ts'
import { takeTurnOf } from '#sync/checkpoint.ts'
import { isPlaceholder, type LinkPlace, namesOf, readLinks } from '#sync/links.ts'
import { changeLocally, type LocalChanges, type LocallyChanged } from '#sync/local-change.ts'
import type { Values } from '#sync/values.ts'
import { fieldToLinks, isLinkField, movedLinks, typeOfLinkField } from '../domain/links.ts'
import { valuesThatMayLeave } from '../domain/may-leave.ts'
import type { OwnedType } from '../domain/own-objects.ts'
import type { CatalogPlace } from '../store/catalog.ts'
import type { Transaction } from '../store/transaction.ts'
import { knownFacts } from './known-facts.ts'
import { ownTarget } from './target.ts'

/**
 * Changes records here, in the caller's transaction, as the portal names and writes their fields: rows, versions, links and events,
 * and what is to be written at the portal. Whoever decides in the same transaction who is who does so after it: the order of locks is
 * the records' first.
 * @param options.isUrgent somebody waits for it (default)
 * @returns what was changed, without its events, which are published
 */
export const changeRecords = async (
  tx: Transaction,
  { orgId, integrationId, type }: CatalogPlace & { type: OwnedType },
  changes: LocalChanges,
  at: Date,
  { isUrgent = true }: { isUrgent?: boolean } = {},
): Promise<Omit<LocallyChanged, 'events'>> => {
  const target = ownTarget(await knownFacts(tx, { orgId, integrationId }))
  const place = { orgId, connectionId: integrationId, type }
  // From here on nobody gives these records' links other names.
  await takeTurnOf(tx, place)
  const named = await withNames(tx, place, thatMayLeave(type, changes))
  const { events, ...changed } = await changeLocally(tx, target, place, named, at, isUrgent)
  await publish(tx, orgId, events, at)
  return changed
}

/** The same changes as the portal will have them: what may not leave is not kept of its records either. */
const thatMayLeave = (
  type: OwnedType,
  { creates = [], updates = [], ...rest }: LocalChanges,
): LocalChanges => {
  const left = <T extends { values: Values }>(change: T): T => ({
    ...change,
    values: valuesThatMayLeave(type, change.values),
  })
  return { ...rest, creates: creates.map(left), updates: updates.map(left) }
}

/** The same changes, with links to records under the ids that the portal has for them now, and without those that it no longer has. */
const withNames = async (tx: Transaction, place: LinkPlace, changes: LocalChanges): Promise<LocalChanges> => {
  const { creates = [], updates = [] } = changes
  const named = new Map<string, Set<string>>()
  for (const { values } of [...creates, ...updates])
    for (const [field, value] of Object.entries(values).filter(([name]) => isLinkField(name)))
      named.set(field, new Set([...(named.get(field) ?? []), ...fieldToLinks(value).map(({ id }) => id)]))
  if (named.size === 0) return changes
  const names = new Map<string, ReadonlyMap<string, string | null>>()
  for (const [field, ids] of named)
    names.set(field, await namesNow(tx, { ...place, type: typeOfLinkField(field) }, [...ids]))
  const renamed = <T extends { values: Values }>(change: T): T => ({
    ...change,
    values: Object.fromEntries(
      Object.entries(change.values).map(([field, value]) => [
        field,
        isLinkField(field)
          ? movedLinks({ base: [], held: value }, names.get(field) ?? new Map<string, null>()).held
          : value,
      ]),
    ),
  })
  return { ...changes, creates: creates.map(renamed), updates: updates.map(renamed) }
}

/** As often as a record is merged in the moment in which somebody links it. */
const MERGES = 5

/** Which of these the portal knows by other ids, or (null) has no more. Who names them waits until whoever changes that is done. */
const namesNow = async (
  tx: Transaction,
  place: LinkPlace,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string | null>> => {
  const now = new Map<string, string | null>(ids.map((id) => [id, id]))
  for (let merges = 0; merges < MERGES; merges++) {
    const ids = [...now.values()].flatMap((id) => id ?? [])
    const names = await namesOf(tx, place, ids, place.type)
    if (names.size === 0) break
    for (const [id, name] of now) now.set(id, names.get(name ?? '') ?? name)
  }
  const links = await readLinks(
    tx,
    place,
    [...now.values()].flatMap((id) => id ?? []),
  )
  for (const [id, name] of now) {
    const link = links.get(name ?? '')
    const isUnborn = link?.goneReason === 'deleted' && isPlaceholder(link.externalId)
    if (isUnborn || link?.goneReason === 'archived' || link?.goneReason === 'missing') now.set(id, null)
  }
  return now
}
