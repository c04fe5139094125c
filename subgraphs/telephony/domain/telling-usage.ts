import type { Decimal, Money } from '#kernel/money.ts'
import { event } from '#schema/events.ts'
import { minutesOf } from './rating.ts'
import type { MonthSpend } from './spend.ts'
import { answerRatio, averageSeconds } from './usage.ts'

/** What others are told of an account's day. */
export interface ToldDay {
  ban: string
  /** As `YYYY-MM-DD`. */
  day: string
  calls: number
  completed: number
  seconds: number
  messages: number
  /** Null without a rate plan. */
  spend: Decimal | null
  /** The month until the day's end. */
  until: MonthSpend
}

const moneyOf = (amount: Decimal | null, currency: string | null): Money | null =>
  amount === null || currency === null ? null : { amount, currency }

/** A day that is over, as others are told of it. `observedAt` is when it was worked out. */
export const usageSummarised = (day: ToldDay, observedAt: Date) => {
  const { ban, calls, completed, seconds, messages, spend, until } = day
  return event('telephony.usage.summarised', ban, {
    ...{ ban, day: day.day, calls, completedCalls: completed, minutes: minutesOf(seconds), messages },
    spend: moneyOf(spend, until.currency),
    ...{ asr: answerRatio({ calls, completed }), acd: averageSeconds({ completed, seconds }) },
    monthToDate: { minutes: until.minutes, spend: moneyOf(until.spend, until.currency) },
    observedAt: observedAt.toISOString(),
  })
}
