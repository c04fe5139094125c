import { randomUUID } from 'node:crypto'
import type { Clock } from '#kernel/clock.ts'
import { type Leased, takeLease, type Waiting, waitingFor } from '../store/sending.ts'
import type { Rows } from '../store/transaction.ts'

/** Longer than all of what is sent under one lease takes, and short enough that a process that died is soon made up for. */
const LEASE_MS = 60_000
/** So many events are sent under one lease. */
const BATCH = 50

/** A webhook, and what is to be sent to it now. */
export interface Claim {
  webhook: Leased
  waiting: Waiting[]
}

/**
 * Takes what is to be sent to a webhook, unless another process sends to it. To one that has failed a single event is sent first: whether it is
 * well again shows by that.
 */
export const claimDeliveries = (
  { database, clock }: { database: Pick<Rows, 'transaction'>; clock: Clock },
  { orgId, id }: { orgId: string; id: string },
): Promise<Claim | undefined> =>
  database.transaction(orgId, async (tx) => {
    const now = clock.now()
    const until = new Date(now.getTime() + LEASE_MS)
    const webhook = await takeLease(tx, { orgId, id, lease: randomUUID() }, now, until)
    if (!webhook) return undefined
    return { webhook, waiting: await waitingFor(tx, webhook, now, webhook.failures > 0 ? 1 : BATCH) }
  })
