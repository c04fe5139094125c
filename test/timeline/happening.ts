/** What a sibling tells of accounts, trunks and numbers, taken in as the consumer does. */

import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/customers.ts'
import type { LoggedEvent } from '#events/log.ts'
import { systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import type { EventPayload } from '#schema/events.ts'
import { matchSome } from '#subgraphs/customers/commands/match-accounts.ts'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { takeHappenings } from '#subgraphs/customers/commands/take-happenings.ts'
import { nameOf } from '#test/kit/business-names.ts'
import { ORG, TEST_KEY } from '#test/kit/customers.ts'
import { logged } from '#test/writers/bed.ts'

let begun: number
/** From now on moments are told from a minute hence, so that nothing of them is history to a portal that is connected meanwhile. */
export const beginHappening = (): void => {
  begun = systemClock.now().getTime() + 60_000
}
/** A moment some seconds after the bed was begun. */
export const later = (seconds: number): string => new Date(begun + seconds * 1000).toISOString()

type Account = EventPayload<'telephony.account.changed'>
export const account = (ban: string, domain: string, more: Partial<Account> = {}): LoggedEvent =>
  logged('telephony.account.changed', ban, {
    ...{ ban, name: nameOf(domain, `Account ${ban}`), domain, status: 'ACTIVE', tier: 'GROWTH' },
    ...{ mrr: { amount: '100.00', currency: 'USD' }, creditLimit: { amount: '5000.00', currency: 'USD' } },
    ...{ paymentStatus: 'CURRENT', contractEnd: null, createdAt: later(0), observedAt: later(0), ...more },
  })

type Trunk = EventPayload<'telephony.trunk.changed'>
export const trunk = (ban: string, trunkId: string, more: Partial<Trunk> = {}): LoggedEvent =>
  logged('telephony.trunk.changed', ban, {
    ...{ ban, trunkId, name: 'Production Trunk', status: 'ACTIVE', concurrentCalls: 10, monthlyMinutes: 100 },
    ...{ createdAt: later(10), observedAt: later(10), ...more },
  })

type PhoneNumber = EventPayload<'telephony.number.changed'>
export const number = (ban: string, numberId: string, more: Partial<PhoneNumber> = {}): LoggedEvent =>
  logged('telephony.number.changed', ban, {
    ...{ ban, numberId, trunkId: null, type: 'LOCAL', createdAt: later(20), observedAt: later(20), ...more },
  })

/** Takes in a batch of events of telephony. */
export const take = (
  { database }: { database: Database<DB> },
  events: LoggedEvent[],
  hasDeveloper = true,
): Promise<void> =>
  database.transaction(ORG, async (tx) => {
    const at = systemClock.now()
    const accounts = events.filter(({ name }) => name === 'telephony.account.changed')
    if (accounts.length > 0) await takeAccounts(tx, ORG, accounts, at)
    while (
      accounts.length > 0 &&
      (await matchSome(tx, { orgId: ORG, vault: openVault([TEST_KEY]), at }, 100))
    );
    await takeHappenings(tx, ORG, events, { hasDeveloper, at })
  })

/** Companies that no other has the domain of, each with its id in HubSpot. */
export const companiesApart = (
  records: readonly { id: string; properties: Record<string, string | null> }[],
): { id: string; domain: string }[] => {
  const byDomain = Map.groupBy(records, ({ properties }) => properties.domain ?? '')
  return [...byDomain].flatMap(([domain, [first, second]]) =>
    domain !== '' && first && !second ? [{ id: first.id, domain }] : [],
  )
}

/** Every event there is here, oldest first. */
export const eventsHere = ({ database }: { database: Database<DB> }) =>
  database.read(ORG, (tx) =>
    tx.selectFrom('customers.timeline_events').selectAll().orderBy('occurred_at').orderBy('id').execute(),
  )
