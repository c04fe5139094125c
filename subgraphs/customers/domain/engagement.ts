import { instantOf, numberOf, type Said, textOf } from './values.ts'

/**
 * How engaged a person is, from what HubSpot has noticed.
 *
 *     score = weight of the role × Σ over signals ( most × amount × 2^(−days since / 90) )
 *
 * signal   what was noticed: calls and mails of ours (most 20), activities logged (15), mails opened (15), mails answered (25),
 *          meetings (25); together at most 100
 * amount   0 to 1. A signal that was noticed once counts half; each further time closes part of what is missing: after n times
 *          ½ + ½ × (1 − 2^(−n / usual)). Activities count by their number alone: 1 − 2^(−n / usual)
 * days     since the signal was last noticed; a number without a moment takes the person's latest one
 * role     1 for people who decide, 0.9 for those who lead or advise, 0.8 for everybody else
 *
 * All signals fade at one pace, so that time lowers everybody by the same factor and never changes who comes before whom. That is
 * why the order can be stored when a person's record is written: `rank` is the moment at which one fresh point would weigh as much.
 */

const DAY_MS = 86_400_000
export const HALF_LIFE_DAYS = 90
const HALF_LIFE_MS = HALF_LIFE_DAYS * DAY_MS

export type EngagementSignal = 'CONTACTED' | 'ACTIVITY' | 'MAIL_OPENED' | 'MAIL_ANSWERED' | 'MEETING'

interface SignalFacts {
  most: number
  /** Where HubSpot keeps how often; null where it does not count. */
  count: string | null
  usual: number
  /** Where HubSpot keeps when it was last; the latest counts. */
  moments: readonly string[]
}

const SIGNALS: Readonly<Record<EngagementSignal, SignalFacts>> = {
  CONTACTED: { most: 20, count: 'num_contacted_notes', usual: 5, moments: ['notes_last_contacted'] },
  ACTIVITY: { most: 15, count: 'num_notes', usual: 8, moments: ['notes_last_updated'] },
  MAIL_OPENED: {
    most: 15,
    count: 'hs_email_open',
    usual: 5,
    moments: ['hs_sales_email_last_opened', 'hs_email_last_open_date'],
  },
  MAIL_ANSWERED: {
    most: 25,
    count: 'hs_email_replied',
    usual: 2,
    moments: ['hs_sales_email_last_replied', 'hs_email_last_reply_date'],
  },
  MEETING: {
    most: 25,
    count: null,
    usual: 1,
    moments: ['engagements_last_meeting_booked', 'hs_latest_meeting_activity'],
  },
}

/** What is read from HubSpot for it. */
export const ENGAGEMENT_PROPERTIES: readonly string[] = [
  'hs_buying_role',
  ...Object.values(SIGNALS).flatMap(({ count, moments }) => [...(count ? [count] : []), ...moments]),
]

/** Roles in HubSpot's own words; several are joined by semicolons. */
const DECIDING_ROLES = /DECISION_MAKER|BUDGET_HOLDER|EXECUTIVE_SPONSOR|CHAMPION/i
const ADVISING_ROLES = /INFLUENCER|BLOCKER|LEGAL/i
const DECIDING_TITLES =
  /\b(c[eftiors]o|cmo|cpo|ciso|chief|president|vp|vice president|owner|founder|co-founder|partner|managing director|geschäftsführer\w*)\b/i
const LEADING_TITLES = /\b(head|director|lead|leader|manager|principal|leiter\w*)\b/i

type Says = Readonly<Record<string, unknown>>

/** How much a person's word weighs. */
const roleWeight = (values: Says): number => {
  const role = textOf(values.hs_buying_role as Said) ?? ''
  const title = textOf(values.jobtitle as Said) ?? ''
  if (DECIDING_ROLES.test(role) || DECIDING_TITLES.test(title)) return 1
  return ADVISING_ROLES.test(role) || LEADING_TITLES.test(title) ? 0.9 : 0.8
}

/** One thing that was noticed. */
export interface Noticed {
  signal: EngagementSignal
  most: number
  /** 0 to 1. */
  amount: number
  count: number | null
  at: Date
}

/** What is known of a person's engagement, before time is taken into account. */
export interface Engagement {
  noticed: readonly Noticed[]
  roleWeight: number
}

const latest = (moments: readonly Date[]): Date | null =>
  moments.reduce<Date | null>((last, at) => (last && last >= at ? last : at), null)

const countOf = (said: Said): number => Math.max(0, Math.min(1e6, Math.floor(Number(numberOf(said) ?? 0))))

/**
 * Reads what HubSpot has noticed of a person.
 * @param record when the record was made and last changed there: nothing was noticed later than it changed, and a number that
 * has no moment at all is as old as the record
 */
export const engagementOf = (values: Says, record: { createdAt: Date; changedAt: Date }): Engagement => {
  const found = (Object.keys(SIGNALS) as EngagementSignal[]).map((signal) => {
    const { count, moments } = SIGNALS[signal]
    return {
      signal,
      count: count ? countOf(values[count] as Said) : null,
      at: latest(moments.flatMap((name) => instantOf(values[name] as Said) ?? [])),
    }
  })
  const anyAt = latest(found.flatMap(({ at }) => at ?? [])) ?? record.createdAt
  const noticed = found.flatMap(({ signal, count, at }): Noticed[] => {
    if (at === null && !count) return []
    const { most, usual } = SIGNALS[signal]
    const repeated = 1 - 2 ** (-(count ?? 0) / usual)
    const amount = signal === 'ACTIVITY' ? repeated : count === null ? 1 : 0.5 + 0.5 * repeated
    const when = at ?? anyAt
    return amount === 0
      ? []
      : [{ signal, most, amount, count, at: when > record.changedAt ? record.changedAt : when }]
  })
  return { noticed, roleWeight: roleWeight(values) }
}

/**
 * The order of people by engagement, most engaged first: the same at every moment. Lower comes first; 0 when nothing was noticed,
 * which comes last.
 */
export const engagementRank = ({ noticed, roleWeight: weight }: Engagement): number => {
  const sum = noticed.reduce(
    (all, { most, amount, at }) => all + most * amount * 2 ** (at.getTime() / HALF_LIFE_MS),
    0,
  )
  return sum === 0 ? 0 : Math.min(-1, -Math.round(HALF_LIFE_MS * Math.log2(weight * sum)))
}

/** A part of a score. */
export interface ScoredPart {
  signal: EngagementSignal
  /** What it adds to the score now. */
  points: number
  /** What it could add at most. */
  most: number
  count: number | null
  lastAt: Date
}

/** A score with what it is made of; null, with the reason, when nothing was noticed. */
export interface EngagementScore {
  score: number | null
  reason: string | null
  roleWeight: number
  parts: ScoredPart[]
}

const oneDecimal = (value: number): number => Math.round(value * 10) / 10

/** A person's engagement at a moment. The parts add up to the score, but for rounding. */
export const scoreEngagement = ({ noticed, roleWeight: weight }: Engagement, now: Date): EngagementScore => {
  const points = noticed.map(({ most, amount, at }) => {
    const age = Math.max(0, now.getTime() - at.getTime())
    return weight * most * amount * 2 ** (-age / HALF_LIFE_MS)
  })
  return {
    score: noticed.length === 0 ? null : oneDecimal(points.reduce((sum, each) => sum + each, 0)),
    reason:
      noticed.length === 0 ? 'HubSpot knows of no call, mail, meeting or activity with this person.' : null,
    roleWeight: weight,
    parts: noticed
      .map(({ signal, most, count, at }, n) => ({
        signal,
        points: oneDecimal(points[n] ?? 0),
        most,
        count,
        lastAt: at,
      }))
      .sort((a, b) => b.points - a.points),
  }
}
