import { byLabel, measured, sum, within } from '../measuring.ts'
import { asIs, type Metric } from './metric.ts'

const paymentPoints = new Map([
  ['CURRENT', 100],
  ['PAST_DUE', 30],
  ['SUSPENDED', 0],
])

/** How well the customer pays, and how much. */
export const paymentMetrics: readonly Metric[] = [
  {
    name: 'paymentStatus',
    dimension: 'PAYMENT',
    unit: 'points',
    weight: 5,
    knots: asIs,
    measure: byLabel('billing', paymentPoints, null),
    improve: () => 'Have what is past due paid, and the account current again.',
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
    improve: (to) => `Bring what it pays to ${to} USD a month: offer what it lacks.`,
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
    improve: (to) => `Win deals of ${to} USD within a year.`,
  },
]
