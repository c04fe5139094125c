import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { isNewHour, slotToTick, usageTicked } from '../domain/ticks.ts'
import { countedUsage, forgetFreshUsage } from '../store/fresh-usage.ts'
import { measuresOfAccounts } from '../store/measures.ts'
import { takeTrunkTicks } from '../store/ticks.ts'
import type { Transaction } from '../store/transaction.ts'
import { accountsToWatch, awaitWatching, lockTicking, noteTicking, tickingOf } from '../store/watched.ts'
import { judgeAccounts } from './judge-accounts.ts'
import { spendOf } from './spend-of.ts'

const PAGE = 500

type Around = { orgId: string; clock: Clock }

/**
 * Begins what is done for an organisation every five minutes, or finds what somebody has begun and not ended, in the caller's transaction.
 * @returns the five minutes that are to be gone on with; undefined when those of now are done, or lie before those done last
 */
export const beginTick = async (tx: Transaction, { orgId, clock }: Around): Promise<Date | undefined> => {
  const held = await lockTicking(tx, orgId)
  const slot = held && slotToTick(held, clock.now())
  if (slot && held.ticking?.getTime() !== slot.getTime()) await noteTicking(tx, orgId, slot, '')
  return slot
}

/**
 * Looks after a page of accounts, in the caller's transaction: judges them, tells how those are doing over whose trunks something goes, and
 * notes how far it came. Whoever else does the same goes on behind it. Looked after are accounts that something is known of, those whose
 * alerts stand, and, once an hour, all: what they may use may have been changed.
 * @param slot five minutes that were begun
 * @returns whether there is more; ENDED of these five minutes by somebody else
 */
export const tick = async (
  tx: Transaction,
  around: Around,
  slot: Date,
  page = PAGE,
): Promise<'MORE' | 'DONE' | 'ENDED'> => {
  const { orgId } = around
  await awaitWatching(tx, orgId)
  const place = await tickingOf(tx, orgId)
  if (place?.ticking?.getTime() !== slot.getTime()) return 'ENDED'
  const accounts = await accountsToWatch(tx, orgId, {
    ...{ at: slot, after: place.after ?? '', limit: page },
    isAll: isNewHour(place.ticked, slot),
  })
  const bans = accounts.map(({ ban }) => ban)
  const notes = await countedUsage(tx, orgId, bans)
  await judgeAccounts(tx, around, bans)
  const busy = accounts.flatMap(({ ban, isBusy }) => (isBusy ? [ban] : []))
  await tellTicks(tx, around, busy, slot)
  const isMore = accounts.length === page
  await noteTicking(tx, orgId, slot, isMore ? bans.at(-1)! : null)
  // Last, since whoever brings records writes on the notes too.
  await forgetFreshUsage(tx, orgId, notes)
  return isMore ? 'MORE' : 'DONE'
}

const tellTicks = async (
  tx: Transaction,
  { orgId, clock }: Around,
  bans: readonly string[],
  slot: Date,
): Promise<void> => {
  if (bans.length === 0) return
  const accounts = await measuresOfAccounts(tx, orgId, bans, slot)
  const spend = await spendOf(tx, orgId, bans, slot)
  const trunks = Map.groupBy(await takeTrunkTicks(tx, orgId, bans, slot), ({ ban }) => ban)
  const told = accounts.map(({ ban, seconds }) =>
    usageTicked(ban, slot, { seconds, spend: spend.get(ban) ?? null }, trunks.get(ban) ?? []),
  )
  await publish(tx, orgId, told, clock.now())
}
