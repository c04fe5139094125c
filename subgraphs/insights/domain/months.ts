import type { DayFact } from './signal.ts'

/** Days of a row: those that a month does not have stay empty. */
export const DAYS_OF_A_MONTH = 31
/** Whole months before the present one: a day can be compared with the same one a year ago, and the weeks around it. */
const MONTHS_KEPT = 13

/** A day as it was told at a place of a source's log. */
export interface DayWord extends DayFact {
  source: string
  sourcePos: number
}

/** What was told of the days of one month of one account; by day of the month, null where nothing was told. */
export interface MonthOfDays extends Omit<DayWord, 'day' | 'amount' | 'sourcePos'> {
  /** Its first day. */
  month: string
  amounts: (number | null)[]
  positions: (number | null)[]
}

/** The first month of which days are kept, by its first day. */
export const firstMonthKept = (now: Date): string =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - MONTHS_KEPT, 1)).toISOString().slice(0, 10)

/** Days put together by account, kind and month, in one order; of what was told of a day the word that was said last counts. */
export const monthsOf = (words: readonly DayWord[]): MonthOfDays[] => {
  const months = new Map<string, MonthOfDays>()
  for (const { day, amount, sourcePos, ...said } of words) {
    const month = `${day.slice(0, 8)}01`
    const key = [said.accountSystem, said.accountId, said.kind, said.system, month].join('\n')
    const empty = () => Array.from({ length: DAYS_OF_A_MONTH }, () => null)
    const held = months.get(key) ?? { ...said, month, amounts: empty(), positions: empty() }
    months.set(key, held)
    const place = Number(day.slice(8)) - 1
    if ((held.positions[place] ?? -1) > sourcePos) continue
    held.amounts[place] = amount
    held.positions[place] = sourcePos
    if (held.observedAt < said.observedAt) held.observedAt = said.observedAt
  }
  return [...months].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, month]) => month)
}
