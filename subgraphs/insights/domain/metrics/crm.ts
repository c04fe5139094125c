import { byLabel, DAY, largest, measured, within } from '../measuring.ts'
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

/** How alive the sales relationship is. */
export const crmMetrics: readonly Metric[] = [
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
      [LONGEST_SILENCE, 0],
    ],
    measure: (facts, asOf) => {
      const active = [...facts('company'), ...facts('contact')].filter((s) => s.happenedAt !== null)
      if (active.length === 0) return null
      const last = largest(active.map((s) => s.happenedAt!.getTime()))
      const days = Math.floor((asOf.getTime() - last) / DAY)
      // Past the end of the curve more silence changes nothing, also not what is shown: nobody is judged anew for that.
      return measured(
        Math.min(days, LONGEST_SILENCE),
        active,
        days >= LONGEST_SILENCE ? null : new Date(last + (days + 1) * DAY),
      )
    },
    improve: () => 'Speak with the customer: a call, a meeting or a mail.',
  },
  {
    name: 'lifecycleStage',
    dimension: 'CRM',
    unit: 'points',
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
    improve: (to) => `Be in touch with ${to} of its people within 90 days.`,
  },
]
