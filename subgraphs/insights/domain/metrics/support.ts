import { measured } from '../measuring.ts'
import type { Metric } from './metric.ts'

const URGENT = ['HIGH', 'URGENT']

/** How much help the customer needs, and gets. */
export const supportMetrics: readonly Metric[] = [
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
    improve: (to) => `Close tickets until ${to} are open.`,
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
    improve: (to) => `Solve urgent tickets until ${to} are open.`,
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
    improve: (to) => `Close tickets within ${to} hours.`,
  },
]
