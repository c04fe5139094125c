import { answered, lengthGrowth } from '../calls.ts'
import { measured, sum, within } from '../measuring.ts'
import { median } from '../statistics/quantiles.ts'
import { openTickets, urgentTickets } from '../tickets.ts'
import type { Metric } from './metric.ts'

/** How much help the customer needs, and gets. */
export const supportMetrics: readonly Metric[] = [
  {
    name: 'openTickets',
    dimension: 'SUPPORT',
    unit: 'tickets',
    description: 'Tickets that are open.',
    weight: 4,
    knots: [
      [0, 100],
      [1, 80],
      [3, 40],
      [8, 0],
    ],
    measure: (known) => {
      // A customer that never had one may be content, or its tickets may be kept where we do not look.
      const tickets = known.facts('ticket')
      return tickets.length > 0 ? measured(openTickets(known).length, tickets) : null
    },
    improve: (to) => `Close tickets until ${to} are open.`,
  },
  {
    name: 'urgentTickets',
    dimension: 'SUPPORT',
    unit: 'tickets',
    description: 'Open tickets of high or urgent priority.',
    weight: 3,
    knots: [
      [0, 100],
      [1, 40],
      [3, 0],
    ],
    measure: (known) => {
      const tickets = known.facts('ticket')
      return tickets.length > 0 ? measured(urgentTickets(known).length, tickets) : null
    },
    improve: (to) => `Solve urgent tickets until ${to} are open.`,
  },
  {
    name: 'resolutionHours',
    dimension: 'SUPPORT',
    unit: 'hours',
    description: 'How long its tickets were open before they were closed: half of them less, half longer.',
    weight: 3,
    knots: [
      [0, 100],
      [24, 90],
      [72, 60],
      [240, 20],
      [720, 0],
    ],
    measure: ({ facts }) => {
      const closed = facts('ticket').filter((s) => s.endedAt !== null && s.happenedAt !== null)
      if (closed.length === 0) return null
      const hours = closed.map((s) => (s.endedAt!.getTime() - s.happenedAt!.getTime()) / 3_600_000)
      return measured(Math.max(0, median(hours)), closed)
    },
    improve: (to) => `Close tickets within ${to} hours.`,
  },
  {
    name: 'answerRatio',
    dimension: 'SUPPORT',
    unit: 'share',
    description:
      'The share of its calls that are answered (ASR): the mean of the days of the last four whole weeks, of five days at least.',
    weight: 3,
    knots: [
      [0, 0],
      [0.3, 30],
      [0.5, 70],
      [0.7, 100],
    ],
    days: 'answer-ratio',
    isExtra: true,
    measure: answered,
    improve: (to) => `Find out why calls fail, until ${Math.round(to * 100)} of 100 are answered.`,
  },
  {
    name: 'callLengthGrowth',
    dimension: 'SUPPORT',
    unit: 'times',
    description:
      'How long its answered calls are (ACD) in the last four whole weeks, as many times as in the four before. Calls that end sooner than they did may sound badly.',
    weight: 1,
    knots: [
      [0.4, 0],
      [0.7, 40],
      [0.9, 90],
      [1, 100],
    ],
    days: 'call-length',
    isExtra: true,
    measure: lengthGrowth,
    improve: () => 'Ask how calls sound, and look at their quality.',
  },
  {
    name: 'qualityAlerts',
    dimension: 'SUPPORT',
    unit: 'alerts',
    description: 'Alerts that too few of its calls are answered, open now or within the last 30 days.',
    weight: 2,
    knots: [
      [0, 100],
      [1, 60],
      [3, 20],
      [6, 0],
    ],
    isExtra: true,
    measure: ({ facts, asOf }) => {
      const alerts = facts('usage-alert').filter((s) => s.label?.endsWith(' ANSWER_RATIO'))
      if (alerts.length === 0) return null
      const over = alerts.filter((s) => s.endedAt !== null)
      const { kept, changesAt } = within(over, (s) => s.endedAt, 30, asOf)
      return measured(alerts.length - over.length + kept.length, alerts, changesAt)
    },
    improve: () => 'Mend what makes its calls fail, and tell the customer.',
  },
  {
    name: 'satisfaction',
    dimension: 'SUPPORT',
    unit: 'percent',
    description: 'What its people said of us in the last 180 days, 0 to 100: the mean.',
    weight: 3,
    knots: [
      [0, 0],
      [50, 30],
      [80, 80],
      [100, 100],
    ],
    isExtra: true,
    measure: ({ facts, asOf }) => {
      const said = facts('satisfaction').filter((s) => s.amount !== null)
      const { kept, changesAt } = within(said, (s) => s.happenedAt, 180, asOf)
      return kept.length > 0 ? measured(sum(kept) / kept.length, kept, changesAt) : null
    },
    improve: () => 'Ask who was not content what has to become better.',
  },
  {
    name: 'devicesWell',
    dimension: 'SUPPORT',
    unit: 'share',
    description: 'The share of its managed devices that are well.',
    weight: 1,
    knots: [
      [0.5, 0],
      [0.8, 40],
      [0.95, 85],
      [1, 100],
    ],
    isExtra: true,
    measure: ({ facts }) => {
      const [devices, unwell] = [facts('devices'), facts('unhealthy-devices')]
      const all = sum(devices)
      if (all <= 0 || unwell.length === 0) return null
      return measured(Math.max(0, 1 - sum(unwell) / all), [...devices, ...unwell])
    },
    improve: () => 'Mend the devices that are not well.',
  },
]
