import type { Knots } from './knots.ts'
import type { Signal, SourceSystem } from './signal.ts'

export const dimensionNames = ['CRM', 'PAYMENT', 'USAGE', 'SUPPORT'] as const
export type DimensionName = (typeof dimensionNames)[number]

/** What a metric found: the value, which systems said so, how old the news is, and when time alone changes it. */
export interface Measurement {
  value: number
  sources: SourceSystem[]
  /** The newest observation behind the value. */
  observedAt: Date
  /** The next moment at which the same facts give another value. */
  changesAt: Date | null
}

export interface Metric {
  name: string
  dimension: DimensionName
  unit: string
  /** Weight within its dimension; only ratios count. */
  weight: number
  knots: Knots
  /** Null when the facts do not say: silence is not zero. */
  measure(signals: readonly Signal[], asOf: Date): Measurement | null
}

const DAY = 86_400_000
const CLOSED_RFQ = ['LOST', 'EXPIRED']

/** Lifecycle stage → points. An unknown stage counts as `other`. */
const stagePoints: Record<string, number> = {
  subscriber: 20,
  lead: 35,
  marketingqualifiedlead: 45,
  salesqualifiedlead: 55,
  opportunity: 70,
  customer: 90,
  evangelist: 100,
  other: 40,
}
const paymentPoints: Record<string, number> = { CURRENT: 100, PAST_DUE: 30, SUSPENDED: 0 }
const statusPoints: Record<string, number> = { ACTIVE: 100, SUSPENDED: 20, CHURNED: 0 }
const asIs: Knots = [
  [0, 0],
  [100, 100],
]

const of = (signals: readonly Signal[], kind: Signal['kind']): Signal[] =>
  signals.filter((s) => s.kind === kind)
const newest = (signals: readonly Signal[]): Date =>
  new Date(Math.max(...signals.map((s) => s.observedAt.getTime())))
const systems = (signals: readonly Signal[]): SourceSystem[] =>
  [...new Set(signals.map((s) => s.system))].sort()
const sum = (signals: readonly Signal[]): number => signals.reduce((total, s) => total + (s.amount ?? 0), 0)

const measured = (value: number, from: readonly Signal[], changesAt: Date | null = null): Measurement => ({
  value,
  sources: systems(from),
  observedAt: newest(from),
  changesAt,
})

/** Counting what happened within the last `days` days, and when the oldest of it drops out. */
const within = (signals: readonly Signal[], at: (s: Signal) => Date | null, days: number, asOf: Date) => {
  const from = asOf.getTime() - days * DAY
  const kept = signals.filter((s) => {
    const time = at(s)?.getTime()
    return time !== undefined && time > from && time <= asOf.getTime()
  })
  const leaves = kept.map((s) => at(s)!.getTime() + days * DAY)
  return { kept, changesAt: leaves.length > 0 ? new Date(Math.min(...leaves)) : null }
}

/** The mean of what each account's label is worth. */
const byLabel =
  (kind: Signal['kind'], points: Record<string, number>, fallback: number | null) =>
  (signals: readonly Signal[]): Measurement | null => {
    const said = of(signals, kind).filter((s) => s.label !== null)
    const values = said.map((s) => points[s.label!] ?? fallback).filter((p) => p !== null)
    return values.length > 0 ? measured(values.reduce((a, b) => a + b, 0) / values.length, said) : null
  }

/** The metrics of the health score, by dimension. Each names its curve; the weights say what counts more. */
export const metrics: readonly Metric[] = [
  {
    name: 'daysSinceActivity',
    dimension: 'CRM',
    unit: 'days',
    weight: 4,
    knots: [
      [0, 100],
      [14, 90],
      [30, 60],
      [90, 20],
      [180, 0],
    ],
    measure: (signals, asOf) => {
      const active = [...of(signals, 'company'), ...of(signals, 'contact')].filter(
        (s) => s.happenedAt !== null,
      )
      if (active.length === 0) return null
      const last = Math.max(...active.map((s) => s.happenedAt!.getTime()))
      const days = Math.max(0, Math.floor((asOf.getTime() - last) / DAY))
      // Past the end of the curve more silence changes nothing.
      return measured(days, active, days >= 180 ? null : new Date(last + (days + 1) * DAY))
    },
  },
  {
    name: 'lifecycleStage',
    dimension: 'CRM',
    unit: 'points',
    weight: 3,
    knots: asIs,
    measure: byLabel('company', stagePoints, stagePoints.other!),
  },
  {
    name: 'activeContacts',
    dimension: 'CRM',
    unit: 'people',
    weight: 2,
    knots: [
      [0, 10],
      [1, 50],
      [3, 85],
      [6, 100],
    ],
    measure: (signals, asOf) => {
      const contacts = of(signals, 'contact')
      if (contacts.length === 0) return null
      const { kept, changesAt } = within(contacts, (s) => s.happenedAt, 90, asOf)
      return measured(kept.length, contacts, changesAt)
    },
  },
  {
    name: 'paymentStatus',
    dimension: 'PAYMENT',
    unit: 'points',
    weight: 5,
    knots: asIs,
    measure: byLabel('billing', paymentPoints, null),
  },
  {
    name: 'monthlyRevenue',
    dimension: 'PAYMENT',
    unit: 'USD per month',
    weight: 3,
    knots: [
      [0, 10],
      [250, 40],
      [1_000, 60],
      [5_000, 85],
      [20_000, 100],
    ],
    measure: (signals) => {
      // Amounts of other currencies are left out rather than added as if they were dollars.
      const billing = of(signals, 'billing').filter((s) => s.amount !== null && s.unit === 'USD')
      return billing.length > 0 ? measured(sum(billing), billing) : null
    },
  },
  {
    name: 'wonLastYear',
    dimension: 'PAYMENT',
    unit: 'USD',
    weight: 2,
    knots: [
      [0, 30],
      [10_000, 70],
      [100_000, 100],
    ],
    measure: (signals, asOf) => {
      const deals = of(signals, 'deal').filter((s) => s.unit === 'USD' || s.amount === null)
      if (deals.length === 0) return null
      const won = deals.filter((s) => s.label === 'won')
      const { kept, changesAt } = within(won, (s) => s.endedAt, 365, asOf)
      return measured(sum(kept), deals, changesAt)
    },
  },
  {
    name: 'accountStatus',
    dimension: 'USAGE',
    unit: 'points',
    weight: 3,
    knots: asIs,
    measure: byLabel('account-status', statusPoints, null),
  },
  {
    name: 'activeTrunks',
    dimension: 'USAGE',
    unit: 'trunks',
    weight: 3,
    knots: [
      [0, 0],
      [1, 65],
      [3, 90],
      [6, 100],
    ],
    measure: (signals) => {
      // A billing account without a trunk is a fact: it uses nothing.
      const known = [...of(signals, 'billing'), ...of(signals, 'trunk')]
      const active = of(signals, 'trunk').filter((s) => s.label === 'ACTIVE')
      return known.length > 0 ? measured(active.length, known) : null
    },
  },
  {
    name: 'requestsLast90Days',
    dimension: 'USAGE',
    unit: 'requests',
    weight: 3,
    knots: [
      [0, 15],
      [1, 45],
      [4, 80],
      [10, 100],
    ],
    measure: (signals, asOf) => {
      const rfqs = of(signals, 'rfq')
      if (rfqs.length === 0) return null
      const { kept, changesAt } = within(rfqs, (s) => s.happenedAt, 90, asOf)
      return measured(kept.length, rfqs, changesAt)
    },
  },
  {
    name: 'requestsWon',
    dimension: 'USAGE',
    unit: 'share',
    weight: 2,
    knots: [
      [0, 20],
      [0.25, 60],
      [0.5, 85],
      [1, 100],
    ],
    measure: (signals) => {
      const decided = of(signals, 'rfq').filter(
        (s) => s.label === 'WON' || CLOSED_RFQ.includes(s.label ?? ''),
      )
      if (decided.length === 0) return null
      return measured(decided.filter((s) => s.label === 'WON').length / decided.length, decided)
    },
  },
  {
    name: 'openTickets',
    dimension: 'SUPPORT',
    unit: 'tickets',
    weight: 4,
    knots: [
      [0, 100],
      [1, 80],
      [3, 40],
      [8, 0],
    ],
    measure: (signals) => {
      // Tickets live where companies live: a company without any has none open.
      const known = [...of(signals, 'company'), ...of(signals, 'ticket')]
      const open = of(signals, 'ticket').filter((s) => s.endedAt === null)
      return known.length > 0 ? measured(open.length, known) : null
    },
  },
  {
    name: 'urgentTickets',
    dimension: 'SUPPORT',
    unit: 'tickets',
    weight: 3,
    knots: [
      [0, 100],
      [1, 40],
      [3, 0],
    ],
    measure: (signals) => {
      const tickets = of(signals, 'ticket')
      const urgent = tickets.filter((s) => s.endedAt === null && ['HIGH', 'URGENT'].includes(s.label ?? ''))
      return tickets.length > 0 ? measured(urgent.length, tickets) : null
    },
  },
  {
    name: 'resolutionHours',
    dimension: 'SUPPORT',
    unit: 'hours',
    weight: 3,
    knots: [
      [0, 100],
      [24, 90],
      [72, 60],
      [240, 20],
      [720, 0],
    ],
    measure: (signals) => {
      const closed = of(signals, 'ticket').filter((s) => s.endedAt !== null && s.happenedAt !== null)
      if (closed.length === 0) return null
      const hours = closed
        .map((s) => (s.endedAt!.getTime() - s.happenedAt!.getTime()) / 3_600_000)
        .sort((a, b) => a - b)
      const middle = Math.floor(hours.length / 2)
      const median = hours.length % 2 === 1 ? hours[middle]! : (hours[middle - 1]! + hours[middle]!) / 2
      return measured(Math.max(0, median), closed)
    },
  },
]
