/** What `/metrics` shows of partners' webhooks, over all organisations. */
import type { Clock } from '#kernel/clock.ts'
import { type Reading, reading } from '#service/measuring.ts'
import { webhooksByState } from '../store/sending.ts'
import { asTransaction, type Rows } from '../store/transaction.ts'

export const showWebhooks = ({ database, clock }: { database: Rows; clock: Clock }): AsyncDisposable =>
  reading(async () => {
    const now = clock.now()
    const found = await database.relay((tx) => webhooksByState(asTransaction(tx), now))
    const since = Math.min(...found.flatMap(({ dueSince }) => dueSince?.getTime() ?? []), now.getTime())
    return [
      ...found.map(
        ({ state, count }): Reading => ({ name: 'hub_partner_webhooks', labels: { state }, value: count }),
      ),
      { name: 'hub_partner_overdue_seconds', labels: {}, value: (now.getTime() - since) / 1000 },
    ]
  })
