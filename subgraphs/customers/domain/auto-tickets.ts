/**
 * Tickets that the hub opens by itself when something that it measures leaves its bounds.
 *
 * trigger   what has left its bounds
 * severity  how far: a measure below half of its threshold is critical, below four fifths high, below it medium
 */
import { dueBy } from '#schema/events.ts'
import type { IssueKind, Severity, TicketCategory, TicketSubcategory } from './ticket-categories.ts'

interface Trigger {
  category: TicketCategory
  subcategory: TicketSubcategory
  issue: IssueKind
  subject(measured: Measured): string
  content(measured: Measured): string
}

export interface Measured {
  trunkId: string
  /** The billing account whose trunks it was measured on, all together; then it is about no single one, and `trunkId` names the account. */
  account?: string
  currentAsr: number
  threshold: number
  /** Over which time it was measured, such as `last_hour`. */
  period: string
}

/** What it was measured on, for people. */
export const placeOf = ({ trunkId, account }: Pick<Measured, 'trunkId' | 'account'>): string =>
  account === undefined ? `trunk ${trunkId}` : `account ${account}`

const percent = (ratio: number): string => `${Math.round(ratio * 1000) / 10} %`

export const TRIGGERS = {
  ASR_BELOW_THRESHOLD: {
    category: 'VOICE',
    subcategory: 'CALL_FAILURES',
    issue: 'VOICE',
    subject: (measured) => `Too few calls are answered on ${placeOf(measured)}`,
    content: ({ currentAsr, threshold, period, ...where }) =>
      `Of the calls over ${placeOf(where)}, ${percent(currentAsr)} were answered (${period.replaceAll('_', ' ')}). ` +
      `At least ${percent(threshold)} are expected. Opened by the hub.`,
  },
} as const satisfies Record<string, Trigger>
export type AutoTrigger = keyof typeof TRIGGERS

/** HubSpot's priorities, the fitting one first: not every portal has URGENT. */
const PRIORITIES: Readonly<Record<Severity, readonly string[]>> = {
  CRITICAL: ['URGENT', 'HIGH'],
  HIGH: ['HIGH'],
  MEDIUM: ['MEDIUM'],
  LOW: ['LOW'],
}

/** How bad it is; undefined when nothing has left its bounds. */
export const severityOf = ({ currentAsr, threshold }: Measured): Severity | undefined => {
  if (currentAsr >= threshold) return undefined
  const share = currentAsr / threshold
  return share < 0.5 ? 'CRITICAL' : share < 0.8 ? 'HIGH' : 'MEDIUM'
}

/** What is wrong with a measure, for people; undefined when nothing is. */
export const faultOf = (measured: Measured): { field: string; message: string } | undefined => {
  const isRatio = (value: number) => Number.isFinite(value) && value >= 0 && value <= 1
  if (!/^[\w.:-]{1,100}$/.test(measured.trunkId))
    return {
      field: 'trunkId',
      message: 'A trunk’s id has at most 100 letters, digits, dots, colons and dashes.',
    }
  if (!isRatio(measured.currentAsr))
    return { field: 'currentAsr', message: 'The answer ratio is between 0 and 1.' }
  if (!isRatio(measured.threshold))
    return { field: 'threshold', message: 'The threshold is between 0 and 1.' }
  if (!/^[\w ]{1,40}$/.test(measured.period))
    return { field: 'period', message: 'A period is a few words, such as last_hour.' }
  if (severityOf(measured) === undefined)
    return {
      field: 'currentAsr',
      message: 'The answer ratio is not below its threshold: there is nothing to open.',
    }
  return undefined
}

/** What somebody else has decided of a ticket: how bad it is, and until when somebody has to have dealt with it. */
export interface Judged {
  severity: Severity
  dueAt: Date
}

/** What a ticket says, by HubSpot's property names; of its priority, every one that may stand. @param judged left out: by the measure */
export const ticketFields = (
  trigger: AutoTrigger,
  measured: Measured,
  at: Date,
  judged?: Judged,
): { values: Record<string, string>; priorities: readonly string[] } => {
  const { category, subcategory, issue, subject, content } = TRIGGERS[trigger]
  const severity = judged?.severity ?? severityOf(measured) ?? 'LOW'
  const dueAt = judged?.dueAt ?? dueBy(severity, at)
  return {
    values: {
      subject: subject(measured),
      content: content(measured),
      warp_category: category.toLowerCase(),
      warp_subcategory: subcategory.toLowerCase(),
      warp_issue_type: issue.toLowerCase(),
      ...(measured.account === undefined ? { warp_trunk_id: measured.trunkId } : {}),
      warp_severity: severity.toLowerCase(),
      warp_sla_breach: dueAt.toISOString(),
      warp_technical_details: JSON.stringify({
        trigger: trigger.toLowerCase(),
        trunk_id: measured.account === undefined ? measured.trunkId : null,
        current_asr: measured.currentAsr,
        threshold: measured.threshold,
        period: measured.period,
      }),
    },
    priorities: PRIORITIES[severity],
  }
}
