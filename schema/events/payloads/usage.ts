/** What went over an account's trunks, as events tell of it. */
import { z } from 'zod'
import { at, decimal, id, money } from './scalars.ts'

const share = z.number().min(0).max(1)

/** A day of an account, told once the day is over, and again when records that came late have changed it. */
export const usageDay = z.object({
  ban: id,
  /** A day of the organisation's time zone. */
  day: z.iso.date(),
  calls: z.int(),
  completedCalls: z.int(),
  /** Minutes that were talked, to the second. */
  minutes: decimal,
  messages: z.int(),
  /** Null while the account has no rate plan. */
  spend: money.nullable(),
  /** Answer-seizure ratio; null when no call was tried. */
  asr: share.nullable(),
  /** Seconds of an answered call; null when none was answered. */
  acd: z.number().nullable(),
  /** From the first of the day's month until the day's end. */
  monthToDate: z.object({ minutes: decimal, spend: money.nullable() }),
  /** That this is so, was worked out then. */
  observedAt: at,
})

/** How an account is doing right now; told every five minutes while something goes over its trunks. */
export const usageTick = z.object({
  ban: id,
  at,
  activeCalls: z.int(),
  monthToDate: z.object({ minutes: decimal, spend: money.nullable() }),
  trunks: z.array(
    z.object({
      trunkId: id,
      activeCalls: z.int(),
      /** What came in since the time before, each record once. */
      calls: z.int(),
      completedCalls: z.int(),
      seconds: z.int(),
      messages: z.int(),
    }),
  ),
})

/** The first call of an account that was answered. */
export const firstCall = z.object({ ban: id, trunkId: id, calledAt: at, observedAt: at })
