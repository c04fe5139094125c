import { daysTalked, minutesGrowth } from '../calls.ts'
import { byLabel, measured, sum, within } from '../measuring.ts'
import { asIs, type Metric } from './metric.ts'

const statusPoints = new Map([
  ['ACTIVE', 100],
  ['SUSPENDED', 20],
  ['CHURNED', 0],
])
export const DECIDED = ['WON', 'LOST', 'EXPIRED']

/** How much the customer uses what we sell. */
export const usageMetrics: readonly Metric[] = [
  {
    name: 'accountStatus',
    dimension: 'USAGE',
    unit: 'points',
    description: 'Whether its billing accounts are active, suspended or closed: the mean of them.',
    weight: 3,
    knots: asIs,
    measure: byLabel('account-status', statusPoints, null),
    improve: () => 'Have its suspended or closed billing accounts active again.',
  },
  {
    name: 'activeTrunks',
    dimension: 'USAGE',
    unit: 'trunks',
    description: 'Trunks that are active.',
    weight: 3,
    knots: [
      [0, 0],
      [1, 65],
      [3, 90],
      [6, 100],
    ],
    measure: ({ facts }) => {
      // A billing account without a trunk is a fact: it uses nothing.
      const known = [...facts('billing'), ...facts('trunk')]
      const active = facts('trunk').filter((s) => s.label === 'ACTIVE')
      return known.length > 0 ? measured(active.length, known) : null
    },
    improve: (to) => `Bring its active trunks to ${to}.`,
  },
  {
    name: 'requestsLast90Days',
    dimension: 'USAGE',
    unit: 'requests',
    description: 'How often it asked for prices within 90 days.',
    weight: 3,
    knots: [
      [0, 15],
      [1, 45],
      [4, 80],
      [10, 100],
    ],
    measure: ({ facts, asOf }) => {
      const rfqs = facts('rfq')
      if (rfqs.length === 0) return null
      const { kept, changesAt } = within(rfqs, (s) => s.happenedAt, 90, asOf)
      return measured(kept.length, rfqs, changesAt)
    },
    improve: (to) => `Have it ask for prices ${to} times within 90 days.`,
  },
  {
    name: 'requestsWon',
    dimension: 'USAGE',
    unit: 'share',
    description: 'The share of its decided requests for prices that were won.',
    weight: 2,
    knots: [
      [0, 20],
      [0.25, 60],
      [0.5, 85],
      [1, 100],
    ],
    measure: ({ facts }) => {
      const decided = facts('rfq').filter((s) => DECIDED.includes(s.label ?? ''))
      if (decided.length === 0) return null
      return measured(decided.filter((s) => s.label === 'WON').length / decided.length, decided)
    },
    improve: (to) =>
      `Win ${Math.round(to * 100)} of 100 of its requests: look at prices and at how soon they are quoted.`,
  },
  {
    name: 'minutesGrowth',
    dimension: 'USAGE',
    unit: 'times',
    description:
      'The minutes talked in the last four whole weeks, as many times as those of the four weeks before, where these were 100 at least.',
    weight: 4,
    knots: [
      [0, 0],
      [0.5, 25],
      [0.8, 65],
      [1, 85],
      [1.25, 100],
    ],
    days: 'usage-minutes',
    isExtra: true,
    measure: minutesGrowth,
    improve: () => 'Ask why it talks less than it did, and whether calls fail.',
  },
  {
    name: 'daysTalked',
    dimension: 'USAGE',
    unit: 'days',
    description: 'On how many of the 28 days of the last four whole weeks anybody talked.',
    weight: 2,
    knots: [
      [0, 0],
      [4, 40],
      [12, 85],
      [20, 100],
    ],
    days: 'usage-minutes',
    isExtra: true,
    measure: daysTalked,
    improve: (to) => `Have it use its lines on ${to} of 28 days: show people what they can do with them.`,
  },
  {
    name: 'seatsKept',
    dimension: 'USAGE',
    unit: 'share',
    description: 'The share of the seats of its subscriptions that are not cancelled.',
    weight: 2,
    knots: [
      [0, 0],
      [0.5, 30],
      [0.9, 80],
      [1, 100],
    ],
    isExtra: true,
    measure: ({ facts }) => {
      const seats = facts('seats').filter((s) => s.amount !== null)
      const all = sum(seats)
      return all > 0 ? measured(sum(seats.filter((s) => s.label === 'ACTIVE')) / all, seats) : null
    },
    improve: () => 'Ask why seats were cancelled, and offer what fits.',
  },
]
