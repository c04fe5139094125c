import { byLabel, DAY, measured, smallest, sum, within } from '../measuring.ts'
import { dueUntil, overdueInvoices, unpaidInvoices } from '../paying.ts'
import { median } from '../statistics/quantiles.ts'
import { asIs, type Metric } from './metric.ts'

const paymentPoints = new Map([
  ['CURRENT', 100],
  ['PAST_DUE', 30],
  ['SUSPENDED', 0],
])

/** More days change nothing. */
const LONGEST_PAST_DUE = 90

/** How well the customer pays, and how much. */
export const paymentMetrics: readonly Metric[] = [
  {
    name: 'paymentStatus',
    dimension: 'PAYMENT',
    unit: 'points',
    description: 'Whether its billing accounts are current, past due, or suspended for it: the mean of them.',
    weight: 5,
    knots: asIs,
    measure: byLabel('billing', paymentPoints, null),
    improve: () => 'Have what is past due paid, and the account current again.',
  },
  {
    name: 'monthlyRevenue',
    dimension: 'PAYMENT',
    unit: 'USD per month',
    description: 'What its billing accounts bring in a month, in US dollars.',
    weight: 3,
    knots: [
      [0, 10],
      [250, 40],
      [1_000, 60],
      [5_000, 85],
      [20_000, 100],
    ],
    measure: ({ facts }) => {
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
    description: 'What was won as deals in the last 365 days, in US dollars.',
    weight: 2,
    knots: [
      [0, 30],
      [10_000, 70],
      [100_000, 100],
    ],
    measure: ({ facts, asOf }) => {
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
  {
    name: 'daysPastDue',
    dimension: 'PAYMENT',
    unit: 'days',
    description:
      'Whole days by which the unpaid invoice that waits longest is past due; 0 when none is. Of customers that get invoices.',
    weight: 4,
    knots: [
      [0, 100],
      [7, 75],
      [30, 35],
      [LONGEST_PAST_DUE, 0],
    ],
    isExtra: true,
    measure: (known) => {
      const invoices = known.facts('invoice')
      if (invoices.length === 0) return null
      const { overdue, changesAt } = overdueInvoices(known)
      if (overdue.length === 0) return measured(0, invoices, changesAt)
      const until = smallest(unpaidInvoices(known).map((unpaid) => unpaid.until))
      const days = Math.min(LONGEST_PAST_DUE, Math.floor((known.asOf.getTime() - until) / DAY))
      const next = days === LONGEST_PAST_DUE ? null : new Date(until + (days + 1) * DAY)
      return measured(days, invoices, next)
    },
    improve: () => 'Have the invoices that are past due paid.',
  },
  {
    name: 'paymentDelay',
    dimension: 'PAYMENT',
    unit: 'days',
    description:
      'How many days after they were due the invoices of the last 365 days were paid: half of them sooner, half later. Paid in time is 0.',
    weight: 2,
    knots: [
      [0, 100],
      [5, 85],
      [15, 60],
      [45, 10],
      [90, 0],
    ],
    isExtra: true,
    measure: ({ facts, asOf }) => {
      const paid = facts('invoice').filter((s) => s.endedAt !== null && dueUntil(s) !== null)
      const { kept, changesAt } = within(paid, (s) => s.endedAt, 365, asOf)
      if (kept.length === 0) return null
      const late = kept.map((s) => Math.max(0, Math.ceil((s.endedAt!.getTime() - dueUntil(s)!) / DAY)))
      return measured(median(late), kept, changesAt)
    },
    improve: (to) => `Agree on terms by which it pays within ${to} days after an invoice is due.`,
  },
  {
    name: 'paymentsFailed',
    dimension: 'PAYMENT',
    unit: 'share',
    description: 'The share of its payments of the last 180 days that failed, where a payment service tells.',
    weight: 2,
    knots: [
      [0, 100],
      [0.1, 70],
      [0.3, 30],
      [1, 0],
    ],
    isExtra: true,
    measure: ({ facts, asOf }) => {
      const tried = facts('payment').filter((s) => s.label === 'COMPLETED' || s.label === 'FAILED')
      const { kept, changesAt } = within(tried, (s) => s.happenedAt, 180, asOf)
      if (kept.length === 0) return null
      return measured(kept.filter((s) => s.label === 'FAILED').length / kept.length, kept, changesAt)
    },
    improve: () => 'Ask for another way of payment: its payments fail.',
  },
]
