import type { Knots } from './knots.ts'
import { byLabel, DAY, largest, type Measure, measured, sum, within } from './measuring.ts'

export const dimensionNames = ['CRM', 'PAYMENT', 'USAGE', 'SUPPORT'] as const
export type DimensionName = (typeof dimensionNames)[number]

export interface Metric {
  name: string
  dimension: DimensionName
  unit: string
  /** Weight within its dimension; only ratios count. */
  weight: number
  knots: Knots
  measure: Measure
}

/** Lifecycle stage → points. A stage of the customer's own making counts as `OTHER_STAGE`. */
export const stagePoints = new Map([
  ['subscriber', 20],
  ['lead', 35],
  ['marketingqualifiedlead', 45],
  ['salesqualifiedlead', 55],
  ['opportunity', 70],
  ['customer', 90],
  ['evangelist', 100],
])
const OTHER_STAGE = 40
const paymentPoints = new Map([
  ['CURRENT', 100],
  ['PAST_DUE', 30],
  ['SUSPENDED', 0],
])
const statusPoints = new Map([
  ['ACTIVE', 100],
  ['SUSPENDED', 20],
  ['CHURNED', 0],
])
export const DECIDED = ['WON', 'LOST', 'EXPIRED']
const URGENT = ['HIGH', 'URGENT']
const asIs: Knots = [
  [0, 0],
  [100, 100],
]

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
    measure: (facts, asOf) => {
      const active = [...facts('company'), ...facts('contact')].filter((s) => s.happenedAt !== null)
      if (active.length === 0) return null
      const last = largest(active.map((s) => s.happenedAt!.getTime()))
      const days = Math.floor((asOf.getTime() - last) / DAY)
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
    measure: byLabel('company', stagePoints, OTHER_STAGE),
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
    measure: (facts, asOf) => {
      // People of whom no activity was ever noted may be silent, or nobody may have noted it.
      const contacts = facts('contact').filter((s) => s.happenedAt !== null)
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
    measure: (facts) => {
      // Amounts of other currencies are left out rather than added as if they were dollars.
      const billing = facts('billing').filter((s) => s.amount !== null && s.unit === 'USD')
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
    measure: (facts, asOf) => {
      const deals = facts('deal')
      const won = deals.filter((s) => s.label === 'won')
      const inDollars = won.filter((s) => s.amount !== null && s.unit === 'USD')
      // Won, but not in dollars, or nobody noted for how much: that is not nothing.
      if (deals.length === 0 || (won.length > 0 && inDollars.length === 0)) return null
      const { kept, changesAt } = within(inDollars, (s) => s.endedAt, 365, asOf)
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
    measure: (facts) => {
      // A billing account without a trunk is a fact: it uses nothing.
      const known = [...facts('billing'), ...facts('trunk')]
      const active = facts('trunk').filter((s) => s.label === 'ACTIVE')
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
    measure: (facts, asOf) => {
      const rfqs = facts('rfq')
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
    measure: (facts) => {
      const decided = facts('rfq').filter((s) => DECIDED.includes(s.label ?? ''))
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
    measure: (facts) => {
      // A customer that never had one may be content, or its tickets may be kept where we do not look.
      const tickets = facts('ticket')
      const open = tickets.filter((s) => s.endedAt === null)
      return tickets.length > 0 ? measured(open.length, tickets) : null
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
    measure: (facts) => {
      const tickets = facts('ticket')
      const urgent = tickets.filter((s) => s.endedAt === null && URGENT.includes(s.label ?? ''))
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
    measure: (facts) => {
      const closed = facts('ticket').filter((s) => s.endedAt !== null && s.happenedAt !== null)
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
