import { activePeople, byActivity, daysSince, lastActivity } from './activity.ts'
import { minutesGrowth } from './calls.ts'
import { halfYears } from './churn-factors.ts'
import type { Known } from './facts.ts'
import type { Knots } from './knots.ts'
import type { LeadPartName, LeadSettings } from './lead-settings.ts'
import { byLabel, DAY, largest, type Measurement, measured, sum, within } from './measuring.ts'

/** Something that a lead is scored by. Past its last point more adds nothing: that is its cap. */
export interface LeadMetric {
  part: LeadPartName
  name: string
  unit: string
  /** Weight within its part; only ratios count. */
  weight: number
  knots: Knots
  /** Null when the facts do not say, or nobody asked for it. */
  measure(known: Known, settings: LeadSettings): Measurement | null
}

const WEEK = 7 * DAY
const QUARTER_DAYS = 91
// After half a year of silence nothing is left of a talk, whatever its half-life.
const LONGEST_SILENCE_WEEKS = 26

const points: Knots = [
  [0, 0],
  [100, 100],
]
const dollars = (known: Known, kind: 'company' | 'deal', label?: string) =>
  known.facts(kind).filter((s) => s.amount !== null && s.unit === 'USD' && (!label || s.label === label))

/** 100 within a range, and less by as many per cent as it is beyond an end. */
const inRange = (value: number, from: number | null, to: number | null): number => {
  const beyond =
    from !== null && value < from
      ? (from - value) / from
      : to !== null && value > to
        ? (value - to) / Math.max(to, 1)
        : 0
  return Math.max(0, 100 * (1 - beyond))
}

const named = (
  known: Known,
  detail: 'industry' | 'country',
  wanted: readonly string[],
): Measurement | null => {
  const said = known.facts('company').filter((s) => s.details?.[detail] !== undefined)
  if (wanted.length === 0 || said.length === 0) return null
  const names = wanted.map((name) => name.toLowerCase())
  const isWanted = said.some((s) => names.includes(s.details![detail]!.trim().toLowerCase()))
  return measured(isWanted ? 100 : 0, said)
}

/** All there are. What their points are worth are judgements, as docs/risk-and-leads.md says. */
export const leadMetrics: readonly LeadMetric[] = [
  {
    ...{ part: 'FINANCIAL', name: 'annualRevenue', unit: 'USD', weight: 3 },
    knots: [
      [0, 0],
      [100_000, 20],
      [1_000_000, 45],
      [10_000_000, 75],
      [100_000_000, 100],
    ],
    measure: (known) => {
      const said = dollars(known, 'company')
      // Of companies that are one customer the largest says what it can pay; added up they would count themselves twice.
      return said.length > 0 ? measured(largest(said.map((s) => s.amount!)), said) : null
    },
  },
  {
    ...{ part: 'FINANCIAL', name: 'openDeals', unit: 'USD', weight: 2 },
    knots: [
      [0, 20],
      [5_000, 50],
      [50_000, 85],
      [200_000, 100],
    ],
    measure: (known) => {
      const open = dollars(known, 'deal', 'open')
      return open.length > 0 ? measured(sum(open), open) : null
    },
  },
  {
    ...{ part: 'FINANCIAL', name: 'paymentStatus', unit: 'points', weight: 2, knots: points },
    measure: (known) => payment(known),
  },
  {
    ...{ part: 'GROWTH', name: 'requestsGrowth', unit: 'times', weight: 1 },
    knots: [
      [0.25, 0],
      [1, 50],
      [2, 85],
      [4, 100],
    ],
    measure: ({ facts, asOf }) => {
      const requests = facts('rfq')
      const { now, before, changesAt } = halfYears(requests, asOf, QUARTER_DAYS)
      // One more of each, so that the first request is growth and not beyond all bounds.
      return now + before > 0 ? measured((now + 1) / (before + 1), requests, changesAt) : null
    },
  },
  {
    ...{ part: 'GROWTH', name: 'usageGrowth', unit: 'times', weight: 1 },
    knots: [
      [0.5, 0],
      [1, 50],
      [1.25, 80],
      [2, 100],
    ],
    measure: minutesGrowth,
  },
  {
    ...{ part: 'ENGAGEMENT', name: 'recentTalk', unit: 'points', weight: 4, knots: points },
    measure: (known, { halfLifeDays }) => {
      const last = lastActivity(known)
      if (!last) return null
      const weeks = Math.floor(daysSince(last.at, known.asOf) / 7)
      if (weeks >= LONGEST_SILENCE_WEEKS) return byActivity(last, 0, null)
      const left = 100 * 0.5 ** ((7 * weeks) / halfLifeDays)
      return byActivity(last, left, new Date(last.at + (weeks + 1) * WEEK))
    },
  },
  {
    ...{ part: 'ENGAGEMENT', name: 'activePeople', unit: 'people', weight: 2 },
    knots: [
      [0, 0],
      [1, 50],
      [3, 85],
      [6, 100],
    ],
    measure: activePeople,
  },
  {
    ...{ part: 'ENGAGEMENT', name: 'requestsLastQuarter', unit: 'requests', weight: 2 },
    knots: [
      [0, 0],
      [1, 50],
      [3, 85],
      [6, 100],
    ],
    measure: ({ facts, asOf }) => {
      const requests = facts('rfq')
      if (requests.length === 0) return null
      const { kept, changesAt } = within(requests, (s) => s.happenedAt, QUARTER_DAYS, asOf)
      return measured(kept.length, requests, changesAt)
    },
  },
  {
    ...{ part: 'FIT', name: 'industry', unit: 'points', weight: 2, knots: points },
    measure: (known, { ideal }) => named(known, 'industry', ideal.industries),
  },
  {
    ...{ part: 'FIT', name: 'country', unit: 'points', weight: 1, knots: points },
    measure: (known, { ideal }) => named(known, 'country', ideal.countries),
  },
  {
    ...{ part: 'FIT', name: 'employees', unit: 'points', weight: 2, knots: points },
    measure: ({ facts }, { ideal }) => {
      const said = facts('company').filter((s) => s.details?.employees !== undefined)
      if (said.length === 0 || (ideal.employeesFrom === null && ideal.employeesTo === null)) return null
      const people = largest(said.map((s) => s.details!.employees!))
      return measured(inRange(people, ideal.employeesFrom, ideal.employeesTo), said)
    },
  },
  {
    ...{ part: 'FIT', name: 'revenue', unit: 'points', weight: 1, knots: points },
    measure: (known, { ideal }) => {
      const said = dollars(known, 'company')
      if (said.length === 0 || (ideal.revenueFrom === null && ideal.revenueTo === null)) return null
      const [from, to] = [ideal.revenueFrom, ideal.revenueTo].map((text) =>
        text === null ? null : Number(text),
      )
      return measured(inRange(largest(said.map((s) => s.amount!)), from!, to!), said)
    },
  },
]

const payment = byLabel(
  'billing',
  new Map([
    ['CURRENT', 100],
    ['PAST_DUE', 20],
    ['SUSPENDED', 0],
  ]),
  null,
)
