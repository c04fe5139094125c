import { byLabel, measured, within } from '../measuring.ts'
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
    weight: 3,
    knots: asIs,
    measure: byLabel('account-status', statusPoints, null),
    improve: () => 'Have its suspended or closed billing accounts active again.',
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
    improve: (to) => `Bring its active trunks to ${to}.`,
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
    improve: (to) => `Have it ask for prices ${to} times within 90 days.`,
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
    improve: (to) =>
      `Win ${Math.round(to * 100)} of 100 of its requests: look at prices and at how soon they are quoted.`,
  },
]
