import type { StateEvent } from '#events/feed.ts'
import {
  accountChanged,
  integrationChanged,
  type MarkNumber,
  orderChanged,
  rfqChanged,
} from '../domain/telling.ts'
import { accountsAfter } from '../store/accounts.ts'
import { integrationsOf } from '../store/integrations.ts'
import { ordersOfAccounts } from '../store/orders.ts'
import { rfqsAfter } from '../store/rfqs.ts'
import { asTransaction } from '../store/transaction.ts'

const PAGE = 500
// Each has all of its orders with it.
const ACCOUNTS = 50

/**
 * Everything one organisation holds here, as the events that would have led to it: for a sibling that starts anew.
 * @param mark of telephone numbers
 */
export const tellState = (mark: MarkNumber) => (tx: object, orgId: string) => stateOf(tx, orgId, mark)

const stateOf = async function* (tx: object, orgId: string, mark: MarkNumber): AsyncGenerator<StateEvent> {
  const own = asTransaction(tx)
  for (const integration of await integrationsOf(own, orgId))
    yield { ...integrationChanged(integration), occurredAt: integration.lastSyncAt ?? integration.createdAt }
  for (let after: string | null = null; ; ) {
    const accounts = await accountsAfter(own, orgId, after, ACCOUNTS)
    for (const account of accounts)
      yield {
        ...accountChanged(
          account,
          account.phone ? mark(orgId, account.phone) : undefined,
          account.c3ModifiedAt,
          false,
        ),
        occurredAt: account.c3ModifiedAt,
      }
    const ids = accounts.map(({ id }) => id)
    for (const order of await ordersOfAccounts(own, orgId, ids))
      yield { ...orderChanged(order), occurredAt: order.observedAt }
    after = accounts.at(-1)?.id ?? null
    if (after === null) break
  }
  for (let after: string | null = null; ; ) {
    const rfqs = await rfqsAfter(own, orgId, after, PAGE)
    for (const rfq of rfqs)
      yield { ...rfqChanged(rfq, rfq.status, rfq.c3ModifiedAt, false), occurredAt: rfq.c3ModifiedAt }
    after = rfqs.at(-1)?.id ?? null
    if (after === null) break
  }
}
