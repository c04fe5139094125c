import type { LoggedEvent } from '#events/log.ts'
import type { Clock } from '#kernel/clock.ts'
import { idFrom, isId } from '#kernel/ids.ts'
import { type EventName, type EventPayload, readEvent } from '#schema/events.ts'
import type { Jobs } from '#service/jobs.ts'
import { advanceOnboarding } from '../jobs/definitions.ts'
import { customersOfDeals } from '../store/onboarding-facts.ts'
import { lockBeginnings, onboardingSettings } from '../store/onboarding-settings.ts'
import { beginOnboardings, beginSteps, type News, runningConcerned } from '../store/onboardings.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'

/** Our own events that begin an onboarding, or that one may wait for. */
export const ONBOARDING_NEWS = [
  'customers.deal.won',
  'customers.deal.changed',
  'customers.identity.changed',
  'customers.person.erased',
] as const satisfies readonly EventName[]

/** By which id a deal's onboarding is known: always the same, so that a deal that is told as won twice has one. */
const onboardingOfDeal = (orgId: string, dealId: string): string => idFrom(orgId, 'onboarding', dealId)

/**
 * Takes in what became of deals, customers and people: a deal that was won begins an onboarding, and those that wait for one of these are
 * looked at again. Only notes what is to be done; a batch takes the same number of statements, however many events it has.
 */
export const takeOnboardingNews =
  ({ jobs, clock }: { jobs: Jobs; clock: Clock }) =>
  async (raw: object, orgId: string, events: readonly LoggedEvent[]): Promise<void> => {
    const tx = asTransaction(raw)
    const won = told('customers.deal.won', events).map(({ dealId }) => dealId)
    await begin(tx, jobs, orgId, [...new Set(won.filter(isId))], clock.now())
    const identities = told('customers.identity.changed', events)
    await wakeOnboardings(tx, jobs, orgId, {
      deals: told('customers.deal.changed', events).map(({ dealId }) => dealId),
      customers: identities.flatMap(({ customerId, mergedInto }) => [customerId, mergedInto ?? customerId]),
      mails: told('customers.person.erased', events).length > 0,
    })
  }

/** Names of the events by which telephony tells of what onboardings wait for. */
export const ACCOUNT_NEWS = ['telephony.account.changed', 'telephony.trunk.changed'] as const

/** Has onboardings looked at again that may have waited for an account or a trunk, once the transaction has kept these. */
export const wakeByAccounts = (
  raw: object,
  jobs: Pick<Jobs, 'enqueueAll'>,
  orgId: string,
  events: readonly LoggedEvent[],
): Promise<void> => {
  const named = ACCOUNT_NEWS.flatMap((name): { ban: string }[] => told(name, events))
  return wakeOnboardings(asTransaction(raw), jobs, orgId, { bans: [...new Set(named.map(({ ban }) => ban))] })
}

const told = <N extends EventName>(name: N, events: readonly LoggedEvent[]): EventPayload<N>[] =>
  events.filter((each) => each.name === name).map((each) => readEvent(name, each.version, each.payload))

const begin = async (
  tx: Transaction,
  jobs: Jobs,
  orgId: string,
  dealIds: readonly string[],
  at: Date,
): Promise<void> => {
  if (dealIds.length === 0) return
  // Whoever begins one by hand waits: a customer is onboarded once.
  await lockBeginnings(tx, orgId)
  if (!(await onboardingSettings(tx, orgId)).startsByItself) return
  const deals = await customersOfDeals(tx, orgId, dealIds)
  const begun = await beginOnboardings(
    tx,
    orgId,
    [...deals].map(([dealId, deal]) => ({ id: onboardingOfDeal(orgId, dealId), dealId, ...deal })),
    at,
  )
  await beginSteps(tx, orgId, begun, at)
  await advanceAll(tx, jobs, orgId, begun)
}

/** Has the onboardings looked at again that may have waited for this, in the transaction that brings it: three statements. */
export const wakeOnboardings = async (
  tx: Transaction,
  jobs: Pick<Jobs, 'enqueueAll'>,
  orgId: string,
  news: News,
): Promise<void> => {
  const only = (ids: readonly string[] = []) => [...new Set(ids.filter(isId))]
  const asked = { ...news, deals: only(news.deals), customers: only(news.customers) }
  const isNews = [asked.deals, asked.customers, news.bans ?? []].some((ids) => ids.length > 0) || news.mails
  if (!isNews) return
  // Whoever begins at this moment is waited for, and found.
  await lockBeginnings(tx, orgId)
  await advanceAll(tx, jobs, orgId, await runningConcerned(tx, orgId, asked))
}

const advanceAll = (tx: Transaction, jobs: Pick<Jobs, 'enqueueAll'>, orgId: string, ids: readonly string[]) =>
  jobs.enqueueAll(
    tx,
    advanceOnboarding,
    ids.map((onboardingId) => ({ orgId, onboardingId })),
  )
