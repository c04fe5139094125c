/**
 * detector   a rule that notices something about a customer, pure: conditions held against bounds that an organisation may change
 * sight      what a detector sees of one customer: its conditions, what they rest on, and how to say it
 * leeway     how much farther than its bound a value has to be: 0 to be noticed, less to stay noticed, more after it was dismissed
 */
import type { Course } from './course.ts'
import type { JudgedKind, Known } from './facts.ts'
import type { Values } from './findings.ts'
import type { Health } from './health.ts'
import { bounded, DAY, type Measurement, measured } from './measuring.ts'
import type { Revenue } from './revenue.ts'
import type { Signal } from './signal.ts'

export const INSIGHT_TYPES = [
  'CLIENT_HEALTH',
  'REVENUE_OPTIMIZATION',
  'CHURN_RISK',
  'UPSELL',
  'ENGAGEMENT',
  'PAYMENT',
  'SUPPORT',
  'USAGE',
  'SUPPLY_CHAIN',
] as const
export type InsightType = (typeof INSIGHT_TYPES)[number]

/** How much is at stake, the least first. */
export const IMPACTS = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const
export type Impact = (typeof IMPACTS)[number]

/** A measured value and the bound it is held against. */
export interface Condition {
  name: string
  unit: string
  is: 'AT_LEAST' | 'ABOVE' | 'BELOW'
  bound: number
  found: Measurement
  /** What people are shown instead of the value, such as a day instead of the days since. */
  shown?: string
  /** When time alone has raised the value so far; absent where it does not. */
  reaches?(value: number): Date
}

/** What a detector sees of one customer. */
export interface Sight {
  /** Those that cost least to be known by first. */
  conditions: readonly Condition[]
  /** The facts it rests on. */
  facts: readonly Signal[]
  say(): string
  /** What is at stake in US dollars, where that is not what the customer brings in a year. Null: not known. */
  worth?: number | null
  /** At most so sure, where it rests on what another method says. */
  atMost?: number
}

/** What a detector may read beside the facts. */
export interface Seen {
  known: Known
  health: Health & Course
  found: Values
  revenue: Revenue | null
}

export type Bounds = Readonly<Record<string, number>>

export interface Detector {
  type: InsightType
  /** Rises when the same facts may give something else. */
  version: number
  title: string
  /** When it speaks, in a sentence. */
  description: string
  thresholds: Readonly<Record<string, { value: number; unit: string }>>
  /** The impact where it is not known what the customer brings. */
  impact: Impact
  /** Kinds of facts it could rest on: how many of them are known is its coverage. */
  reads: readonly JudgedKind[]
  /** What to do, the best first, within how many days, and what that is meant to bring. */
  actions: readonly string[]
  withinDays: number
  expects: string
  /** Null when the facts do not say. */
  look(seen: Seen, bounds: Bounds): Sight | null
}

/** Whether a value is beyond its bound by this much, as a share of the bound. */
export const holds = ({ is, bound, found: { value } }: Condition, leeway: number): boolean => {
  if (is === 'BELOW') return value < bound * (1 - leeway)
  return is === 'ABOVE' ? value > bound * (1 + leeway) : value >= bound * (1 + leeway)
}

/**
 * Whether all conditions hold, and when time alone changes that or, where they do, what they are shown with. Of conditions that do not
 * hold the first decides: until it changes nothing does.
 */
export const judge = (
  conditions: readonly Condition[],
  leeway: number,
): { isSo: boolean; changesAt: (Date | null)[] } => {
  const failing = conditions.find((condition) => !holds(condition, leeway))
  if (failing) return { isSo: false, changesAt: [changeOf(failing, leeway)] }
  return { isSo: true, changesAt: conditions.map(({ found }) => found.changesAt) }
}

const changeOf = ({ reaches, bound, found }: Condition, leeway: number): Date | null =>
  reaches ? reaches(bound * (1 + leeway)) : found.changesAt

/** The moment at which it is so many days since `from`. */
export const daysAfter = (from: number, days: number): Date => new Date(from + Math.ceil(days * DAY))

/** What health and other judgements rest on. */
const JUDGED_BY: readonly JudgedKind[] = [
  ...(['company', 'contact', 'deal', 'ticket', 'rfq'] as const),
  ...(['billing', 'account-status', 'trunk'] as const),
]

/** A number that another method worked out, as sure and as fresh as the facts it can rest on. Null without any. */
export const judged = (known: Known, value: number): Measurement | null => {
  const found = restingOn.get(known) ?? restsOn(known)
  restingOn.set(known, found)
  return found && { ...found, value: bounded(value) }
}

const restsOn = ({ facts }: Known): Measurement | null => {
  const from = JUDGED_BY.flatMap((kind) => facts(kind))
  return from.length > 0 ? measured(0, from) : null
}
// Several detectors ask for one customer, one after the other.
const restingOn = new WeakMap<Known, Measurement | null>()
