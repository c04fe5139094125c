import { event } from '#schema/events.ts'
import { minutesOf } from './rating.ts'

const SLOT_MS = 5 * 60_000

/** The beginning of the five minutes that a moment falls into. */
export const slotOf = (now: Date): Date => new Date(Math.floor(now.getTime() / SLOT_MS) * SLOT_MS)

/** A call goes on for a day at most, and its record comes when it has ended: an hour later it is too late to tell how a trunk is doing. */
const TOLD_MS = 25 * 3_600_000

/** Calls and messages that began before this are told with no tick any more. */
export const toldSince = (now: Date): Date => new Date(now.getTime() - TOLD_MS)

/** What was begun longer ago and broken off is not gone on with: who is next begins anew, with everybody. */
const LATE_MS = 3 * SLOT_MS

/** How far an organisation has come with its five minutes. */
export interface Ticking {
  /** Those that were done last. */
  ticked: Date | null
  /** Those that are under way. */
  ticking: Date | null
}

/** Which five minutes are to be looked after now: those that somebody has begun, else those of now; undefined when all are done. */
export const slotToTick = ({ ticked, ticking }: Ticking, now: Date): Date | undefined => {
  const slot = slotOf(now)
  if (ticking && ticking > slot) return undefined
  if (ticking && ticking.getTime() >= slot.getTime() - LATE_MS) return ticking
  return ticked && ticked >= slot ? undefined : slot
}

/** Whether an hour began between two moments. */
export const isNewHour = (before: Date | null, now: Date): boolean =>
  before === null || Math.floor(before.getTime() / 3_600_000) < Math.floor(now.getTime() / 3_600_000)

/** What came in over a trunk since it was told last, and how many calls are under way. */
export interface TrunkTickRow {
  trunkId: string
  activeCalls: number
  calls: number
  completedCalls: number
  seconds: number
  messages: number
}

/** How an account is doing. */
export interface UsageTickRow {
  at: Date
  ban: string
  activeCalls: number
  minutesThisMonth: string
  spendThisMonth: { amount: string; currency: string } | null
  trunks: TrunkTickRow[]
}

/** How an account is doing, as others are told of it. */
export const usageTicked = (
  ban: string,
  at: Date,
  month: { seconds: string; spend: { amount: string; currency: string } | null },
  trunks: readonly TrunkTickRow[],
) =>
  event('telephony.usage.ticked', ban, {
    ban,
    at: at.toISOString(),
    activeCalls: trunks.reduce((sum, { activeCalls }) => sum + activeCalls, 0),
    monthToDate: { minutes: minutesOf(BigInt(month.seconds)), spend: month.spend },
    trunks: [...trunks],
  })
