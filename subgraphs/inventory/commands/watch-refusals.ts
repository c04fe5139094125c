import { publish } from '#events/outbox.ts'
import { type Alarm, tellOperators } from '#service/alerts.ts'
import { ALERT_AFTER, type RaiseAlerts } from '#sync/alerts.ts'
import type { Rows } from '../store/transaction.ts'
import { organisationOf } from '../store/webhook-secrets.ts'

const CODE = 'HUB_WEBHOOK_REFUSED'
/** Refusals that lie further apart are not one trouble, and of one trouble nobody is told twice in that time. */
const WITHIN_MS = 3_600_000
/** Addresses are what strangers make up: more of them are not held in mind. */
const MOST_ADDRESSES = 1_000
/** All addresses that are no connection's, as one. */
const NOBODY = ''

interface Refusals {
  count: number
  since: number
  isTold: boolean
}

/** Counts what is refused at the addresses of connections, in this process. */
export interface RefusalWatch {
  /** A POST to its address was refused. Resolves when whoever should know was told, where it is time to. */
  refused(connectionId: string): Promise<void>
  /** The same of an address that is no connection's, or no more. */
  unknown(connectionId: string): Promise<void>
  /** One was rightly signed: what was refused before it was somebody else's. */
  taken(connectionId: string): void
}

/**
 * Tells operators of connections at whose address three POSTs in a row were refused, and of addresses that are no connection's any more
 * and are posted to as often. It is counted in memory and written down only when told: what strangers send costs no row.
 */
export const watchRefusals = (around: Alarm & { database: Rows; raise: RaiseAlerts }): RefusalWatch => {
  const { database, clock, raise } = around
  const known = new Map<string, Refusals>()

  /** @returns how many there were, when it is time to tell of them */
  const count = (address: string, times: number): number | undefined => {
    const now = clock.now().getTime()
    const before = known.get(address)
    const refusals =
      before && now - before.since < WITHIN_MS ? before : { count: 0, since: now, isTold: false }
    refusals.count += times
    known.delete(address)
    known.set(address, refusals)
    const [oldest] = known.keys()
    if (known.size > MOST_ADDRESSES && oldest !== undefined) known.delete(oldest)
    if (refusals.count < ALERT_AFTER || refusals.isTold) return undefined
    refusals.isTold = true
    return refusals.count
  }

  const tellOfNobody = (count: number) =>
    database.relay((tx) =>
      tellOperators(tx, around, [
        {
          ...{ event: 'webhook.unroutable', subject: 'ADDRESS', code: 'HUB_WEBHOOK_UNROUTABLE', count },
          reason: 'Webhooks are posted to an address that is no connection’s to C3, or no more.',
          guidance: 'Take the webhook away at the C3 whose connection was ended. Nothing was done with them.',
        },
      ]),
    )

  const tellOf = async (orgId: string, connectionId: string, count: number) => {
    const alert = {
      ...{ connectionId, subject: 'CONNECTION' as const, type: undefined, code: CODE, count },
      reason: `${count} webhooks in a row were not rightly signed for this connection.`,
      guidance:
        'Compare the clocks of C3 and the hub, and renew the webhook. Until then changes are read every few minutes.',
    }
    const at = clock.now()
    await database.transaction(orgId, async (tx) =>
      publish(tx, orgId, await raise(tx, orgId, [alert], at), at),
    )
  }

  const noted = async (address: string, tell: (times: number) => Promise<void>) => {
    const times = count(address, 1)
    if (times !== undefined) await tell(times)
  }
  const ofNobody = async (times: number) => {
    const all = count(NOBODY, times)
    if (all !== undefined) await tellOfNobody(all)
  }

  return {
    refused: (connectionId) =>
      noted(connectionId, async (times) => {
        const orgId = await database.relay((tx) => organisationOf(tx, connectionId))
        await (orgId === undefined ? ofNobody(times) : tellOf(orgId, connectionId, times))
      }),
    unknown: (connectionId) => noted(`unknown ${connectionId}`, ofNobody),
    taken: (connectionId) => {
      const refusals = known.get(connectionId)
      if (refusals) refusals.count = 0
    },
  }
}
