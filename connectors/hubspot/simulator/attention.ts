import { KIND, type Person, type Story, share, type Universe } from '#connectors/demo/index.ts'
import type { Row } from './properties.ts'

const ROLES = [
  'BLOCKER',
  'BUDGET_HOLDER',
  'CHAMPION',
  'DECISION_MAKER',
  'END_USER',
  'EXECUTIVE_SPONSOR',
  'INFLUENCER',
  'LEGAL_AND_COMPLIANCE',
  'OTHER',
] as const

/** The properties in which HubSpot keeps what it notices of a person; the role alone is people's to fill in. */
export const ATTENTION: readonly Row[] = [
  ['hs_buying_role', 'Buying role', 'enumeration', 'checkbox', ROLES],
  ['num_notes', 'Number of sales activities', 'number', 'number', undefined, 'calculated'],
  ['num_contacted_notes', 'Number of times contacted', 'number', 'number', undefined, 'calculated'],
  ['notes_last_updated', 'Last activity date', 'datetime', 'date', undefined, 'calculated'],
  ['hs_email_open', 'Marketing emails opened', 'number', 'number', undefined, 'calculated'],
  ['hs_email_replied', 'Marketing emails replied', 'number', 'number', undefined, 'calculated'],
  ['hs_email_last_open_date', 'Last marketing email open', 'datetime', 'date', undefined, 'calculated'],
  ['hs_email_last_reply_date', 'Last marketing email reply', 'datetime', 'date', undefined, 'calculated'],
  ['hs_sales_email_last_opened', 'Recent sales email opened', 'datetime', 'date', undefined, 'calculated'],
  ['hs_sales_email_last_replied', 'Recent sales email replied', 'datetime', 'date', undefined, 'calculated'],
  ['engagements_last_meeting_booked', 'Last meeting booked', 'datetime', 'date', undefined, 'calculated'],
  ['hs_latest_meeting_activity', 'Latest meeting activity', 'datetime', 'date', undefined, 'calculated'],
]

const DAY_MS = 86_400_000

// How lively the people of a business are, by how things go with it.
const LIVELINESS: Readonly<Record<Story, number>> = {
  growing: 0.9,
  steady: 0.6,
  seasonal: 0.5,
  troubled: 0.7,
  shrinking: 0.35,
  churned: 0.1,
}

const ROLE_OF: Readonly<Record<string, (typeof ROLES)[number]>> = {
  purchasing: 'BUDGET_HOLDER',
  executive: 'DECISION_MAKER',
  technical: 'INFLUENCER',
  general: 'END_USER',
}

/** What HubSpot has noticed of somebody at a business: the livelier, the more often and the more lately. */
export const noticed = (
  universe: Universe,
  { concern }: Person,
  story: Story,
  index: number,
): Record<string, string | null> => {
  const draw = (salt: number) => share(universe.seed, KIND.record, index, salt)
  const lively = LIVELINESS[story] * (0.3 + draw(40))
  const often = (salt: number, most: number) => Math.floor(draw(salt) ** 2 * lively * (most + 1))
  const lately = (salt: number) =>
    new Date(
      universe.anchor - Math.floor((0.1 + draw(salt) * 240 * (1.3 - Math.min(1, lively))) * DAY_MS),
    ).toISOString()
  const when = (count: number, salt: number) => (count === 0 ? null : lately(salt))
  const [notes, opened, replied, met] = [often(41, 14), often(42, 30), often(43, 6), draw(44) < lively * 0.3]
  const counted = (count: number) => (count === 0 ? null : String(count))
  return {
    hs_buying_role: draw(45) < 0.4 ? (ROLE_OF[concern] ?? null) : null,
    num_notes: counted(notes),
    num_contacted_notes: counted(Math.floor(notes * draw(46))),
    notes_last_updated: when(notes, 47),
    hs_email_open: counted(opened),
    hs_email_replied: counted(Math.min(replied, opened)),
    hs_email_last_open_date: when(opened, 48),
    hs_email_last_reply_date: when(Math.min(replied, opened), 49),
    hs_sales_email_last_opened: draw(50) < lively * 0.4 ? lately(51) : null,
    hs_sales_email_last_replied: draw(50) < lively * 0.2 ? lately(52) : null,
    engagements_last_meeting_booked: met ? lately(53) : null,
    hs_latest_meeting_activity: met && draw(54) < 0.7 ? lately(55) : null,
  }
}
