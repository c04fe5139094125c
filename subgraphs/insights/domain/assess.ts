/**
 * assessor    one way of judging a customer, pure: the same facts, settings, moment and memory give the same
 * memory      what the assessor found the last time, where it needs that: for hysteresis, and to tell what has moved
 * assessment  what all of them find of one customer
 *
 * Facts are read and sorted once for all assessors, and each may rest on what those before it found. How each one's findings are kept
 * and told is said in commands/keepers.ts.
 */

import { kindsClaimed } from './claims.ts'
import { type Course, type CourseMemory, withCourse } from './course.ts'
import { type Known, kindsJudged, knownAt } from './facts.ts'
import { type Found as Findings, type FindingsMemory, findAll } from './findings.ts'
import { type Health, type HealthMemory, health } from './health.ts'
import { type Insights, type InsightsMemory, notice } from './insights.ts'
import type { SeriesKind, SignalKind } from './kinds.ts'
import { earliest } from './measuring.ts'
import type { Models } from './models.ts'
import type { Settings } from './settings.ts'
import type { Series, Signal } from './signal.ts'
import { weeklyKinds } from './weeks.ts'

/** What each of them finds of a customer. */
export interface Assessment {
  health: Health & Course
  findings: Findings
  insights: Insights
}

/** What each of them found the last time. */
export interface Memories {
  health: HealthMemory & CourseMemory
  findings: FindingsMemory
  insights: InsightsMemory
}

/** What customers of one organisation are judged by. */
export interface Rules {
  settings: Settings
  models: Partial<Models>
}

export type AssessorName = keyof Assessment

export type Assessor<N extends AssessorName> = (
  known: Known,
  rules: Rules,
  memory: Memories[N] | undefined,
  before: Partial<Assessment>,
) => Assessment[N]

/** All there are, in the order in which they judge: each is given what those before it found. */
const assessors: { [N in AssessorName]: Assessor<N> } = {
  health: (known, { settings }, memory) =>
    withCourse(health(known, settings.health), memory, settings.health.steadyWithin),
  findings: (known, rules, memory, { health: judged }) =>
    findAll(known, { ...rules, health: judged! }, memory),
  insights: (known, { settings, models }, memory, { health: judged, findings }) =>
    notice(known, { settings, health: judged!, found: findings!.values, trust: models.trust }, memory),
}

/** What is told day by day and read by one of them: what nobody reads is not fetched. */
export const seriesRead: readonly SeriesKind[] = weeklyKinds

const read: ReadonlySet<SignalKind | SeriesKind> = new Set([...kindsJudged, ...kindsClaimed, ...seriesRead])

/** Whether a customer is judged, and what is written about it looked at, anew when such a fact of it changes. */
export const isRead = (kind: SignalKind | SeriesKind): boolean => read.has(kind)

export const assessorNames = Object.keys(assessors) as AssessorName[]

/**
 * Judges one customer.
 * @param signals all facts of all its accounts, in any order
 * @param series the days of its accounts, of the kinds that are read
 * @param asOf the moment the findings are for; what happens later is not known yet
 * @returns what each assessor finds, and the next moment at which time alone makes one of them find something else
 */
export const assess = (
  signals: readonly Signal[],
  series: readonly Series[],
  rules: Rules,
  asOf: Date,
  memories: Partial<Memories> = {},
): { found: Assessment; dueAt: Date | null } => {
  const known = knownAt(signals, asOf, series)
  const found: Partial<Assessment> = {}
  const judge = <N extends AssessorName>(name: N) => {
    found[name] = assessors[name](known, rules, memories[name], found) as Partial<Assessment>[N]
  }
  for (const name of assessorNames) judge(name)
  const all = found as Assessment
  return { found: all, dueAt: earliest(assessorNames.map((name) => all[name].dueAt)) }
}
