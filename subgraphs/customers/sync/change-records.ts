import { publish } from '#events/outbox.ts'
import { changeLocally, type LocalChanges, type LocallyChanged } from '#sync/local-change.ts'
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
  const { events, ...changed } = await changeLocally(tx, target, place, changes, at, isUrgent)
  await publish(tx, orgId, events, at)
  return changed
}
