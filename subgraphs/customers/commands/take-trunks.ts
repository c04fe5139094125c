import type { LoggedEvent } from '#events/log.ts'
import { readEvent } from '#schema/events.ts'
import type { Jobs } from '#service/jobs.ts'
import { type AccountTold, forgetTrunks, keepAccountFacts } from '../store/onboarding-facts.ts'
import { asTransaction } from '../store/transaction.ts'
import { wakeOnboardings } from './take-onboarding-news.ts'

/** Names of the events by which telephony tells of trunks. */
export const TRUNK_EVENTS = ['telephony.trunk.changed'] as const

/**
 * Keeps what onboardings wait for of accounts and their trunks, and has those looked at again that may have waited. A batch takes the
 * same number of statements, however many events it has.
 */
export const takeTrunks = async (
  raw: object,
  jobs: Pick<Jobs, 'enqueueAll'>,
  orgId: string,
  events: readonly LoggedEvent[],
): Promise<void> => {
  const tx = asTransaction(raw)
  const accounts = new Map<string, AccountTold>()
  const live = new Map<string, boolean>()
  for (const each of events)
    if (each.name === 'telephony.trunk.changed') {
      const { ban, trunkId, status, observedAt } = readEvent(each.name, each.version, each.payload)
      live.set(trunkId, status !== 'DELETED')
      accounts.set(ban, {
        ...accounts.get(ban),
        ban,
        observedAt,
        ...(status === 'DELETED' ? {} : { trunkId }),
      })
    } else if (each.name === 'telephony.account.changed') {
      const { ban, status, tier, observedAt } = readEvent(each.name, each.version, each.payload)
      accounts.set(ban, { ...accounts.get(ban), ban, status, tier, observedAt })
    }
  const gone = [...live].filter(([, isLive]) => !isLive).map(([id]) => id)
  await forgetTrunks(tx, orgId, gone)
  const rows = [...accounts.values()].map(({ trunkId, ...account }) => ({
    ...account,
    ...(trunkId && live.get(trunkId) ? { trunkId } : {}),
  }))
  await keepAccountFacts(tx, orgId, rows)
  await wakeOnboardings(tx, jobs, orgId, { bans: [...accounts.keys()] })
}
