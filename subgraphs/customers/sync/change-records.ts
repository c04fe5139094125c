import { publish } from '#events/outbox.ts'
import { takeTurnOf } from '#sync/checkpoint.ts'
import { isPlaceholder, type LinkPlace, namesOf } from '#sync/links.ts'
import { changeLocally, type LocalChanges, type LocallyChanged } from '#sync/local-change.ts'
import type { Values } from '#sync/values.ts'
import { fieldToLinks, isLinkField, linksToField } from '../domain/links.ts'
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

/** The same changes, with links to records that have got their ids at the portal meanwhile under these. */
const withNames = async (tx: Transaction, place: LinkPlace, changes: LocalChanges): Promise<LocalChanges> => {
  const { creates = [], updates = [] } = changes
  const placeholders = [...creates, ...updates]
    .flatMap(({ values }) => linksIn(values).map(({ id }) => id))
    .filter(isPlaceholder)
  if (placeholders.length === 0) return changes
  const names = await namesOf(tx, place, placeholders)
  const named = <T extends { values: Values }>(change: T): T => ({
    ...change,
    values: Object.fromEntries(
      Object.entries(change.values).map(([field, value]) => [
        field,
        isLinkField(field)
          ? linksToField(fieldToLinks(value).map((link) => ({ ...link, id: names.get(link.id) ?? link.id })))
          : value,
      ]),
    ),
  })
  return { ...changes, creates: creates.map(named), updates: updates.map(named) }
}

const linksIn = (values: Values) =>
  Object.entries(values).flatMap(([field, value]) => (isLinkField(field) ? fieldToLinks(value) : []))
