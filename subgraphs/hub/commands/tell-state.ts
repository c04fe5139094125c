import type { StateEvent } from '#events/feed.ts'
import { organisationChanged } from '../domain/telling.ts'
import { organisation } from '../store/organisations.ts'
import { asTransaction } from '../store/transaction.ts'

/** What one organisation is, as the event that would have said so: for a sibling that starts anew. */
export const tellState = async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
  const row = await organisation(asTransaction(tx), orgId)
  if (row) yield { ...organisationChanged(row), occurredAt: row.createdAt }
}
