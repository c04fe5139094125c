/** What is told of an account's calls day by day, in whole weeks, as everything that judges a customer reads it. */
import type { Known } from './facts.ts'
import type { Measurement } from './measuring.ts'
import { lastWeeks } from './weeks.ts'

/** Fewer minutes in four weeks say nothing of where they go: a week's holiday would be a collapse. */
const LEAST_MINUTES = 100
/** From so many days of calls on their mean is no chance. */
const LEAST_DAYS = 5

/** The minutes of the last four whole weeks, as many times as those of the four before; null when there were hardly any. */
export const minutesGrowth = (known: Known): Measurement | null => {
  const spans = lastWeeks(known, 'usage-minutes')
  if (!spans || spans.before.total < LEAST_MINUTES) return null
  const { now, before, ...rest } = spans
  return { ...rest, value: now.total / before.total }
}

/** On how many days of the last four whole weeks anybody talked. Null where nothing was told of eight weeks. */
export const daysTalked = (known: Known): Measurement | null => {
  const spans = lastWeeks(known, 'usage-minutes')
  if (!spans || spans.now.days + spans.before.days === 0) return null
  const { now, before: _, ...rest } = spans
  return { ...rest, value: now.daysAbove0 }
}

/** The share of calls that were answered: the mean of the days of the last four whole weeks. */
export const answered = (known: Known): Measurement | null => {
  const spans = lastWeeks(known, 'answer-ratio')
  if (!spans || spans.now.days < LEAST_DAYS) return null
  const { now, before: _, ...rest } = spans
  return { ...rest, value: now.total / now.days }
}

/** How long an answered call is, as many times as in the four weeks before. */
export const lengthGrowth = (known: Known): Measurement | null => {
  const spans = lastWeeks(known, 'call-length')
  if (!spans || spans.now.days < LEAST_DAYS || spans.before.days < LEAST_DAYS || spans.before.total <= 0)
    return null
  const { now, before, ...rest } = spans
  return { ...rest, value: now.total / now.days / (before.total / before.days) }
}
