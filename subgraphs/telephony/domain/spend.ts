import type { Decimal, Money } from '#kernel/money.ts'
import type { RatePlanTerms } from './rate-plans.ts'
import { type ClassTotals, lessOf, minutesOf, type RatedUsage, rater, sumOf } from './rating.ts'

/** Usage of a day, or of a longer time, to one class of places. */
export interface DatedTotals extends ClassTotals {
  /** As `YYYY-MM-DD`; null when it is of no single day. */
  day: string | null
  /** When that day begins, as ISO 8601. */
  midnight?: string | null
  calls: number
  completed: number
}

/** What an account used and spent since a month began. */
export interface MonthSpend {
  ban: string
  /** As `YYYY-MM`. */
  month: string
  calls: number
  completed: number
  seconds: number
  /** The same with four decimals. */
  minutes: Decimal
  messages: number
  /** What that costs; null without a rate plan. The monthly fee and numbers are not in it. */
  spend: Decimal | null
  currency: string | null
  /** Minutes left in the pool; null without a rate plan. */
  includedLeft: Decimal | null
  rated: RatedUsage | null
}

export type MonthToDateRow = MonthSpend

/** The same classes, each once: what their totals add up to. */
export const byClass = (totals: readonly ClassTotals[]): ClassTotals[] => {
  const sums = new Map<string, ClassTotals>()
  for (const each of totals) {
    const sum = sums.get(each.class) ?? { class: each.class, seconds: 0, messages: 0 }
    sums.set(each.class, {
      class: each.class,
      seconds: sum.seconds + each.seconds,
      messages: sum.messages + each.messages,
    })
  }
  return [...sums.values()]
}

interface Used {
  ban: string
  month: string
  terms: RatePlanTerms | null
  totals: readonly DatedTotals[]
}

/** What an account's month comes to. @param until only its days until this one, when given; totals have to be by day then */
export const spendOf = ({ ban, month, terms, totals }: Used, until?: string): MonthSpend => {
  const counted = until === undefined ? totals : totals.filter(({ day }) => day !== null && day <= until)
  const sum = (of: 'calls' | 'completed' | 'seconds' | 'messages') =>
    counted.reduce((all, each) => all + each[of], 0)
  const rated = terms && rater(terms)(byClass(counted))
  const seconds = sum('seconds')
  return {
    ...{ ban, month, calls: sum('calls'), completed: sum('completed'), messages: sum('messages') },
    ...{ seconds, minutes: minutesOf(seconds) },
    ...{ spend: rated?.total ?? null, currency: terms?.currency ?? null },
    ...{ includedLeft: rated?.includedLeft ?? null, rated: rated ?? null },
  }
}

/** What each day of a month cost: the days with usage, each less what the month had cost before it. Empty without a rate plan. */
export const spendByDay = ({ terms, totals }: Used): Map<string, Decimal> => {
  const days = new Map<string, Decimal>()
  if (!terms) return days
  const rate = rater(terms)
  let used: ClassTotals[] = []
  let before: Decimal = '0'
  for (const [day, ofDay] of Map.groupBy(totals, (each) => each.day ?? '')) {
    used = byClass([...used, ...ofDay])
    const { total } = rate(used)
    days.set(day, lessOf(total, before))
    before = total
  }
  return days
}

/** Amounts added up, one for each currency, by its code. */
export const byCurrency = (amounts: readonly Money[]): Money[] =>
  [...Map.groupBy(amounts, ({ currency }) => currency)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, own]) => ({ amount: sumOf(own.map(({ amount }) => amount)), currency }))

/** A month of an account, and what each of its days with usage cost. */
export interface MonthOfDays {
  began: Date
  ended: Date
  /** Null without a rate plan. */
  currency: string | null
  /** By when the day begins, in milliseconds. A day may be in two months, part of it in each, where one was billed until amid it. */
  byDay: ReadonlyMap<number, Decimal>
}

/** Puts what days cost, by `spendByDay`, to when they begin. */
export const byMidnight = (
  spend: ReadonlyMap<string, Decimal>,
  totals: readonly DatedTotals[],
): Map<number, Decimal> => {
  const midnights = new Map(totals.map(({ day, midnight }) => [day, Date.parse(midnight ?? '')]))
  return new Map([...spend].map(([day, amount]) => [midnights.get(day)!, amount]))
}

/**
 * What a day cost accounts together. Null when none of them has a rate plan then, or when they pay in different currencies.
 * @param months the accounts' months that the day may fall into
 * @param at when the day begins
 */
export const spendOnDay = (months: readonly MonthOfDays[], at: Date): Money | null => {
  const rated = months.flatMap(({ began, ended, currency, byDay }) => {
    const amount = byDay.get(at.getTime()) ?? (at >= began && at < ended ? '0' : null)
    return currency === null || amount === null ? [] : [{ amount, currency }]
  })
  const [sum, ...others] = byCurrency(rated)
  return others.length > 0 ? null : (sum ?? null)
}
