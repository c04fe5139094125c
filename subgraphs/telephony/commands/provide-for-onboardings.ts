import type { LoggedEvent } from '#events/log.ts'
import { type EventPayload, readEvent } from '#schema/events.ts'
import { bansFor, firstAccount, firstTrunk } from '../domain/first-order.ts'
import { estatesOf, lockEstates } from '../store/estates.ts'
import {
  noteProvisions,
  openAccountsOf,
  type Provision,
  provisionsOf,
  takenBans,
} from '../store/onboardings.ts'
import type { Transaction } from '../store/transaction.ts'
import { type Keeping, keepEstates } from './keep-estates.ts'
import { openIn, trunkRow } from './open-accounts.ts'

const ACTION = 'provideForOnboarding'
type Providing = Omit<Keeping, 'action'>
type Waiting = EventPayload<'customers.onboarding.waiting'>

/**
 * Gives onboardings what they wait for: one billing account for the customer, one trunk for the account. Each once, however often and by
 * whomever it is told: who has an account or a trunk already, by hand or from another onboarding, gets no second one.
 * A constant number of statements.
 */
export const provideForOnboardings = async (
  tx: Transaction,
  providing: Providing,
  events: readonly LoggedEvent[],
): Promise<void> => {
  if (events.length === 0) return
  await lockEstates(tx, providing.orgId)
  const told = events.map(({ version, payload }) =>
    readEvent('customers.onboarding.waiting', version, payload),
  )
  const known = await provisionsOf(
    tx,
    providing.orgId,
    told.map(({ onboardingId }) => onboardingId),
  )
  await openFirst(tx, providing, ofKind(told, 'BILLING_ACCOUNT'), known)
  await setUpFirst(tx, providing, ofKind(told, 'FIRST_TRUNK'), known)
}

/** The last word of each onboarding that waits for it. */
const ofKind = (told: readonly Waiting[], kind: Waiting['waitsFor']): Waiting[] => [
  ...new Map(
    told.filter(({ waitsFor }) => waitsFor === kind).map((each) => [each.onboardingId, each]),
  ).values(),
]

const openFirst = async (
  tx: Transaction,
  providing: Providing,
  waiting: readonly Waiting[],
  known: Map<string, Provision>,
): Promise<void> => {
  const { orgId } = providing
  const without = waiting.filter(({ onboardingId }) => !known.get(onboardingId)?.ban)
  if (without.length === 0) return
  const accounts = await openAccountsOf(
    tx,
    orgId,
    without.map(({ customerId }) => customerId),
  )
  const taken = await takenBans(
    tx,
    orgId,
    without.flatMap(({ onboardingId }) => bansFor(onboardingId)),
  )
  const wanted = without.flatMap(({ onboardingId, customerId, name, domain }) => {
    if (accounts.has(customerId)) return []
    const ban = bansFor(onboardingId).find((each) => !taken.has(each))
    // Then it waits on, for somebody who opens one by hand.
    if (!ban) return []
    taken.add(ban)
    accounts.set(customerId, ban)
    return [firstAccount({ id: customerId, ban, name, domain })]
  })
  const { created } = await openIn(tx, { ...providing, action: ACTION }, wanted)
  const opened = new Set(created.map(({ ban }) => ban))
  const unopened = new Set(wanted.flatMap(({ ban }) => (ban && !opened.has(ban) ? [ban] : [])))
  for (const { onboardingId, customerId } of without) {
    const ban = accounts.get(customerId)
    if (ban && !unopened.has(ban))
      known.set(onboardingId, {
        onboardingId,
        customerId,
        ban,
        trunkId: known.get(onboardingId)?.trunkId ?? null,
      })
  }
  await note(tx, orgId, without, known)
}

const setUpFirst = async (
  tx: Transaction,
  providing: Providing,
  waiting: readonly Waiting[],
  known: Map<string, Provision>,
): Promise<void> => {
  const { orgId, clock } = providing
  const without = waiting.filter(({ onboardingId }) => !known.get(onboardingId)?.trunkId)
  const bans = new Map(
    without.map(({ onboardingId, ban }) => [onboardingId, ban ?? known.get(onboardingId)?.ban]),
  )
  const estates = await estatesOf(tx, orgId, [...new Set([...bans.values()].flatMap((ban) => ban ?? []))])
  const kept = await keepEstates(
    tx,
    { ...providing, action: ACTION },
    estates
      // While an account stands still nothing is set up for it: it is told again.
      .filter(({ account, trunks }) => account.status === 'ACTIVE' && trunks.length === 0)
      .map((before) => {
        const { account } = before
        const trunk = trunkRow(clock, account, firstTrunk(account.tier))
        return { before, after: { account, trunks: [trunk] } }
      }),
  )
  const byBan = new Map([...estates, ...kept].map((estate) => [estate.account.ban, estate]))
  for (const { onboardingId, customerId } of without) {
    const estate = byBan.get(bans.get(onboardingId) ?? '')
    const [trunk] = estate?.trunks ?? []
    if (estate && trunk)
      known.set(onboardingId, { onboardingId, customerId, ban: estate.account.ban, trunkId: trunk.id })
  }
  await note(tx, orgId, without, known)
}

const note = (
  tx: Transaction,
  orgId: string,
  waiting: readonly Waiting[],
  known: ReadonlyMap<string, Provision>,
): Promise<void> =>
  noteProvisions(
    tx,
    orgId,
    waiting.flatMap(({ onboardingId }) => known.get(onboardingId) ?? []),
  )
