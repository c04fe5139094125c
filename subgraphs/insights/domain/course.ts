/**
 * course  where a score has stood, day by day, and where it is going
 * step    a day on which a score came to stand elsewhere; it stands there until the next one
 * window  the days that are looked at: the present week as far as it matters, and the twelve before it
 *
 * A day counts with the last score it saw. The window ends with the last week that is over, or with the last step when that came later:
 * so what happens counts at once, while time alone moves a trend once a week, on Mondays (UTC), and not at all once nothing has moved for
 * the whole window.
 */
import type { DimensionScore, Health } from './health.ts'
import { DAY, earliest } from './measuring.ts'
import type { DimensionName } from './metrics.ts'
import { theilSen } from './statistics/slope.ts'

/** A day, counted from 1970, and the score it ended with; null when there was none. */
export type Step = readonly [day: number, score: number | null]

/** Oldest first; no two of one day, none with the score of the one before it. */
export type Steps = readonly Step[]

export type Trend = 'RISING' | 'STEADY' | 'FALLING'

export interface Course {
  days: Steps
  /** Points in 30 days, with two decimals; null while there are too few days to say. */
  slope: number | null
  trend: Trend | null
}

/** What was last known of it. */
export interface CourseMemory {
  days: Steps
  slope: string | null
  asOf: Date
}

/** Whose course is looked at, and when. */
export interface Look {
  customerId: string
  at: Date
}

/** Where a score and its sides stood at the end of a day. */
export interface Standings {
  day: number
  score: number | null
  dimensions: readonly DimensionScore[]
}

/** A customer's standings as far back as is looked, oldest first. */
export interface CourseRow extends Look {
  standings: readonly Standings[]
}

const WEEK = 7
/** Whole weeks before the present one. */
const WEEKS_BEFORE = 12
/** Fewer days say nothing of where a score is going. */
const LEAST_DAYS = 14
/** What a slope is told for. */
export const AHEAD_DAYS = 30
const MOST_SLOPE = 999.99

export const dayOf = (at: Date): number => Math.floor(at.getTime() / DAY)
const round = (value: number): number => Math.round(value * 100) / 100

/** The Monday of a day's week. 1970 began with a Thursday. */
const mondayOf = (day: number): number => day - ((day + 3) % WEEK)
/** The first day that is looked at. */
export const windowStart = (at: Date): number => mondayOf(dayOf(at)) - WEEKS_BEFORE * WEEK

/** A score's days after one more look at it; what lies before the window is forgotten. */
export const stepsAfter = (held: Steps, at: Date, score: number | null): Steps => {
  const today = dayOf(at)
  const before = held.filter(([day]) => day < today)
  const last = before.at(-1)
  const all: Step[] = last && last[1] === score ? before : [...before, [today, score]]
  const start = windowStart(at)
  // The step that the window begins on stays, although it may lie before it.
  const first = all.findLastIndex(([day]) => day <= start)
  return all.slice(Math.max(0, first))
}

/** The days of the whole score, or of a side of it. */
export const stepsOf = (standings: readonly Standings[], side?: DimensionName): Steps => {
  const steps: Step[] = []
  for (const { day, score, dimensions } of standings) {
    const stands = side ? (dimensions.find(({ name }) => name === side)?.score ?? null) : score
    if (steps.at(-1)?.[1] !== stands) steps.push([day, stands])
  }
  return steps
}

/** Days on which a score stood at one value: from the first to the last, both counted. */
interface Run {
  from: number
  to: number
  score: number
}

/** What there is of a score in the window; days without a score are left out. */
const runsOf = (days: Steps, at: Date): Run[] => {
  const today = dayOf(at)
  const start = windowStart(at)
  const known = days.filter(([day]) => day <= today)
  const end = Math.max(mondayOf(today) - 1, known.at(-1)?.[0] ?? 0)
  return known.flatMap(([day, score], i) => {
    const from = Math.max(day, start)
    const to = Math.min((known[i + 1]?.[0] ?? end + 1) - 1, end)
    return score === null || to < from ? [] : [{ from, to, score }]
  })
}

const spanOf = (runs: readonly Run[]): number => (runs.length === 0 ? 0 : runs.at(-1)!.to - runs[0]!.from + 1)

/**
 * The median of the slopes between every two days (Theil 1950, Sen 1968), in points a day: up to 29 days in a hundred may lie
 * anywhere without turning it. Exact, and worked out without looking at pairs when more than half of them stand equal.
 */
const medianSlope = (runs: readonly Run[]): number => {
  const days = runs.flatMap(({ from, to, score }) =>
    Array.from({ length: to - from + 1 }, (_, n) => ({ day: from + n, score })),
  )
  const pairs = (days.length * (days.length - 1)) / 2
  const still = runs.reduce((sum, { from, to }) => sum + ((to - from + 1) * (to - from)) / 2, 0)
  if (still * 2 > pairs) return 0
  return theilSen(
    days.map(({ score }) => score),
    days.map(({ day }) => day),
  )
}

/** Points in 30 days at a moment; null while there are too few days to say, or no score now. */
export const slopeAt = (days: Steps, at: Date): number | null => {
  const runs = runsOf(days, at)
  if ((days.at(-1)?.[1] ?? null) === null || spanOf(runs) < LEAST_DAYS) return null
  const slope = round(medianSlope(runs) * AHEAD_DAYS)
  return Math.max(-MOST_SLOPE, Math.min(MOST_SLOPE, slope))
}

/** @param steadyWithin points in 30 days below which a score is steady */
export const trendOf = (slope: number | null, steadyWithin: number): Trend | null => {
  if (slope === null) return null
  if (slope >= steadyWithin) return 'RISING'
  return slope <= -steadyWithin ? 'FALLING' : 'STEADY'
}

/** When time alone may move the slope: next Monday, as long as there are too few days or something has moved within the window. */
const movesAt = (days: Steps, at: Date): Date | null => {
  const runs = runsOf(days, at)
  if ((days.at(-1)?.[1] ?? null) === null) return null
  const isFlat = runs.every(({ score }) => score === runs[0]!.score)
  if (isFlat && spanOf(runs) >= LEAST_DAYS) return null
  return new Date((mondayOf(dayOf(at)) + WEEK) * DAY)
}

/** A health with the course of its score. */
export const withCourse = (
  health: Health,
  memory: CourseMemory | undefined,
  steadyWithin: number,
): Health & Course => {
  const { asOf } = health
  const held = memory?.days ?? []
  const days = stepsAfter(held, asOf, health.score)
  // The same days looked at in the same week have the same slope: it is not worked out again.
  const isAsBefore =
    memory !== undefined &&
    windowStart(memory.asOf) === windowStart(asOf) &&
    JSON.stringify(days) === JSON.stringify(held)
  const slope = isAsBefore ? (memory.slope === null ? null : Number(memory.slope)) : slopeAt(days, asOf)
  const dueAt = earliest([health.dueAt, movesAt(days, asOf)])
  return { ...health, days, slope, trend: trendOf(slope, steadyWithin), dueAt }
}

/** Where a score may be in 30 days. */
export interface Prediction {
  score: number
  low: number
  high: number
  /** The day it is for, such as 2026-12-22. */
  on: string
  /** How many days it rests on. */
  days: number
}

export const PREDICTION_METHOD = 'damped-slope 1'
const LEAST_WEEKS = 4
/** Each day a trend keeps this much of its pace (damped trend: Gardner and McKenzie 1985): few go on for ever. */
const KEPT_A_DAY = 0.97
const DAMPED_DAYS = (KEPT_A_DAY * (1 - KEPT_A_DAY ** AHEAD_DAYS)) / (1 - KEPT_A_DAY)
/** Student's t, by degrees of freedom from 3 on: four times in five. */
const T_80 = [1.638, 1.533, 1.476, 1.44, 1.415, 1.397, 1.383, 1.372, 1.363, 1.356]
/** Also a score that never moved may: what is left between two of its knots. */
const LEAST_REACH = 1

/**
 * Where a score may be in 30 days: it goes on from where it stands along its slope, which wears off; how far it may stray from there is read
 * from how far its weeks have strayed from the slope, growing with the root of time as sums of independent moves do.
 * @returns null while there are fewer than four whole weeks of it, or no score now
 */
export const predictionAt = (days: Steps, at: Date): Prediction | null => {
  const slope = slopeAt(days, at)
  const runs = runsOf(days, at)
  const [first, last] = [runs[0], runs.at(-1)]
  if (slope === null || !first || !last) return null
  const weeks = Math.floor((last.to - first.from) / WEEK)
  if (weeks < LEAST_WEEKS) return null
  const stoodOn = (day: number) => runs.findLast(({ from }) => from <= day)!.score
  const strayed = Array.from({ length: weeks }, (_, week) => {
    const day = last.to - week * WEEK
    return stoodOn(day) - stoodOn(day - WEEK) - (slope / AHEAD_DAYS) * WEEK
  })
  const variance = strayed.reduce((sum, each) => sum + each ** 2, 0) / (weeks - 1)
  const t = T_80[Math.min(weeks - 1 - 3, T_80.length - 1)]!
  // The slope is itself read from these weeks: what it may be off by grows with how far ahead it is drawn.
  const ahead = AHEAD_DAYS / WEEK
  const reach = Math.max(LEAST_REACH, t * Math.sqrt(variance * ahead * (1 + ahead / weeks)))
  const middle = last.score + (slope / AHEAD_DAYS) * DAMPED_DAYS
  const shown = (score: number) => round(Math.max(0, Math.min(100, score)))
  return {
    ...{ score: shown(middle), low: shown(middle - reach), high: shown(middle + reach) },
    on: new Date((dayOf(at) + AHEAD_DAYS) * DAY).toISOString().slice(0, 10),
    days: spanOf(runs),
  }
}
