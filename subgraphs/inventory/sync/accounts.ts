import type { NewEvent } from '#events/outbox.ts'
import type { Plan } from '#sync/plan.ts'
import type { Applying } from '#sync/target.ts'
import { accountChanged, type MarkNumber } from '../domain/telling.ts'
import { upsertAccounts } from '../store/accounts.ts'
import { markGone } from '../store/gone.ts'
import { asTransaction } from '../store/transaction.ts'
import { changesOf, goneIds, maybeText, observedAt, text } from './read-values.ts'

/** Writes C3's customers and tells of them: customers decides who they are. */
export const writeAccounts = async (
  tx: object,
  plan: Plan,
  around: Applying,
  mark: MarkNumber,
): Promise<NewEvent[]> => {
  const { orgId, connectionId, at } = around
  const accounts = changesOf(plan).map(({ localId: id, externalId, values, modifiedAt }) => ({
    id,
    connectionId,
    c3CustomerId: externalId,
    name: text(values, 'name'),
    domain: maybeText(values, 'domain'),
    phone: maybeText(values, 'phone'),
    city: maybeText(values, 'city'),
    country: maybeText(values, 'country'),
    c3LastSync: at,
    c3ModifiedAt: modifiedAt ?? at,
  }))
  await upsertAccounts(asTransaction(tx), orgId, accounts)
  await markGone(asTransaction(tx), 'c3_accounts', orgId, goneIds(plan), at)
  const observed = new Map(changesOf(plan).map((change) => [change.localId, observedAt(change, around)]))
  return [
    ...accounts.map((account) => {
      const marked = account.phone === null ? undefined : mark(orgId, account.phone)
      return accountChanged(account, marked, observed.get(account.id)!, false)
    }),
    ...plan.gone.map(({ localId: id, externalId: name }) => {
      const nothing = { domain: null, phone: null, city: null, country: null }
      return accountChanged({ id, connectionId, name, ...nothing }, undefined, at, true)
    }),
  ]
}
