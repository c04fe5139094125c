import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { isNewHour, slotOf, usageTicked } from '../domain/ticks.ts'
import { accountsAfter } from '../store/accounts.ts'
import { accountsCounted } from '../store/active-calls.ts'
import { accountsWithAlerts } from '../store/alerts.ts'
import { takeFreshUsage } from '../store/fresh-usage.ts'
import { measuresOfAccounts } from '../store/measures.ts'
import { accountsUntold, takeTrunkTicks } from '../store/ticks.ts'
import type { Transaction } from '../store/transaction.ts'
import { countPeaks } from '../store/utilisation.ts'
import { awaitWatching, takeSlot } from '../store/watched.ts'
import { judgeAccounts } from './judge-accounts.ts'
import { spendOf } from './spend-of.ts'

const PAGE = 500
const MOST_HOURS = 5_000

type Around = { orgId: string; clock: Clock }

/**
 * What is done for an organisation every five minutes, in the caller's transaction: counts how busy trunks were, judges accounts, and tells
 * how those are doing over whose trunks something goes. Once for each five minutes, whoever asks, and never for five that lie before
 * those done last. Judged are accounts that something is known of, those whose alerts stand, and, once an hour, all: what they may
 * use may have been changed.
 * @returns whether it was done
 */
export const tick = async (tx: Transaction, around: Around): Promise<boolean> => {
  const { orgId, clock } = around
  const now = clock.now()
  const slot = slotOf(now)
  await awaitWatching(tx, orgId)
  const taken = await takeSlot(tx, orgId, slot)
  if (!taken) return false
  const used = await countAllPeaks(tx, orgId)
  const untold = await accountsUntold(tx, orgId)
  const busy = [...new Set([...used, ...untold, ...(await accountsCounted(tx, orgId, slot))])].sort()
  const watched = isNewHour(taken.before, slot)
    ? allAccounts(tx, orgId)
    : pagesOf([...new Set([...busy, ...(await accountsWithAlerts(tx, orgId))])])
  for await (const bans of watched) await judgeAccounts(tx, around, bans)
  for (const bans of pagesOf(busy)) await tellTicks(tx, around, bans, slot)
  return true
}

const countAllPeaks = async (tx: Transaction, orgId: string): Promise<string[]> => {
  const found: string[] = []
  for (;;) {
    const notes = await takeFreshUsage(tx, orgId, MOST_HOURS)
    if (notes.length === 0) return found
    await countPeaks(tx, orgId, notes)
    found.push(...notes.map(({ ban }) => ban))
  }
}

function* pagesOf(bans: readonly string[]): Generator<string[]> {
  for (let from = 0; from < bans.length; from += PAGE) yield bans.slice(from, from + PAGE)
}

async function* allAccounts(tx: Transaction, orgId: string): AsyncGenerator<string[]> {
  for (let after = ''; ; ) {
    const bans = (await accountsAfter(tx, orgId, after, PAGE)).map(({ ban }) => ban)
    const last = bans.at(-1)
    if (last === undefined) return
    yield bans
    after = last
  }
}

const tellTicks = async (
  tx: Transaction,
  { orgId, clock }: Around,
  bans: readonly string[],
  slot: Date,
): Promise<void> => {
  const accounts = await measuresOfAccounts(tx, orgId, bans, slot)
  const spend = await spendOf(tx, orgId, bans, slot)
  const trunks = Map.groupBy(await takeTrunkTicks(tx, orgId, bans, slot), ({ ban }) => ban)
  const told = accounts.map(({ ban, seconds }) =>
    usageTicked(ban, slot, { seconds, spend: spend.get(ban) ?? null }, trunks.get(ban) ?? []),
  )
  await publish(tx, orgId, told, clock.now())
}
