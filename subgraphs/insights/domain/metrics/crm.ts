import { activePeople, byActivity, daysSince, lastActivity } from '../activity.ts'
import { byLabel, DAY, earliest } from '../measuring.ts'
import { lastWeeks } from '../weeks.ts'
import { asIs, type Metric } from './metric.ts'

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
/** Days; longer ones count as this one. */
const LONGEST_SILENCE = 180

/** Of fewer mails nothing is said by how many were answered. */
const LEAST_MAILS = 4

/** How alive the sales relationship is. */
export const crmMetrics: readonly Metric[] = [
  {
    name: 'daysSinceActivity',
    dimension: 'CRM',
    unit: 'days',
    description:
      'Whole days since anybody was in touch: a sales activity, a meeting, or a mail of ours that was answered.',
    weight: 4,
    knots: [
      [0, 100],
      [14, 90],
      [30, 60],
      [90, 20],
      [LONGEST_SILENCE, 0],
    ],
    measure: (known) => {
      const last = lastActivity(known)
      if (!last) return null
      const days = Math.floor(daysSince(last.at, known.asOf))
      // Past the end of the curve more silence changes nothing, also not what is shown: nobody is judged anew for that.
      const changesAt = days >= LONGEST_SILENCE ? null : new Date(last.at + (days + 1) * DAY)
      return byActivity(last, Math.min(days, LONGEST_SILENCE), changesAt)
    },
    improve: () => 'Speak with the customer: a call, a meeting or a mail.',
  },
  {
    name: 'lifecycleStage',
    dimension: 'CRM',
    unit: 'points',
    description: 'How far the relationship has come, by the lifecycle stage of its companies in HubSpot.',
    weight: 3,
    knots: asIs,
    measure: byLabel('company', stagePoints, OTHER_STAGE),
    targets: [...stagePoints.values()],
    improve: () => 'Bring the relationship to its next stage in HubSpot, if it has reached it.',
  },
  {
    name: 'activeContacts',
    dimension: 'CRM',
    unit: 'people',
    description: 'People of the customer with whom somebody was in touch within 90 days.',
    weight: 2,
    knots: [
      [0, 10],
      [1, 50],
      [3, 85],
      [6, 100],
    ],
    measure: activePeople,
    improve: (to) => `Be in touch with ${to} of its people within 90 days.`,
  },
  {
    name: 'mailsAnswered',
    dimension: 'CRM',
    unit: 'share',
    description:
      'The share of our mails that were answered, of the last four whole weeks; of four mails at least.',
    weight: 2,
    knots: [
      [0, 10],
      [0.1, 40],
      [0.3, 80],
      [0.6, 100],
    ],
    days: 'mails-sent',
    isExtra: true,
    measure: (known) => {
      const [sent, answered] = [lastWeeks(known, 'mails-sent'), lastWeeks(known, 'mails-answered')]
      if (!sent || sent.now.total < LEAST_MAILS) return null
      const { now, before: _, ...rest } = sent
      return {
        ...rest,
        // Answers to mails of the weeks before may be more than the mails of these.
        value: Math.min(1, (answered?.now.total ?? 0) / now.total),
        changesAt: earliest([rest.changesAt, answered?.changesAt ?? null]),
      }
    },
    improve: (to) => `Write what is answered: ${Math.round(to * 100)} of 100 mails.`,
  },
]
