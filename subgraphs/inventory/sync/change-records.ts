import { publish } from '#events/outbox.ts'
import { withoutSecrets } from '#kernel/mask.ts'
import { changeLocally, type LocalChanges, type LocallyChanged } from '#sync/local-change.ts'
import type { FieldValue, Values } from '#sync/values.ts'
import { spelledAsC3 } from '../domain/rfq-fields.ts'
import type { Transaction } from '../store/transaction.ts'
import { c3Target } from './target.ts'

/** Of which records: requests are all that C3 lets anybody change. */
export interface ChangedPlace {
  orgId: string
  integrationId: string
  type: 'rfqs'
}

/**
 * Changes requests for prices here, in the caller's transaction, by the names of `domain/rfq-fields.ts` and in C3's words: rows, lines
 * and events, and what is to be written at C3. A change of status is a command to C3: what becomes of it is C3's to say.
 * @param options.isUrgent somebody waits for it (default)
 * @returns what was changed, without its events, which are published
 */
export const changeRecords = async (
  tx: Transaction,
  { orgId, integrationId: connectionId, type }: ChangedPlace,
  { updates = [] }: Pick<LocalChanges, 'updates'>,
  at: Date,
  { isUrgent = true }: { isUrgent?: boolean } = {},
): Promise<Omit<LocallyChanged, 'events'>> => {
  const changes = { updates: updates.map((update) => ({ ...update, values: asC3Has(update.values) })) }
  const { events, ...changed } = await changeLocally(
    tx,
    c3Target,
    { orgId, connectionId, type },
    changes,
    at,
    isUrgent,
  )
  await publish(tx, orgId, events, at)
  return changed
}

/** The same as C3 will have it: neither spelling nor what may not leave ever makes both sides differ. */
const asC3Has = (values: Values): Values => {
  const clean = (value: FieldValue): FieldValue => (typeof value === 'string' ? withoutSecrets(value) : value)
  return Object.fromEntries(
    Object.entries(values).map(([field, value]) => [field, clean(spelledAsC3(field, value))]),
  )
}
