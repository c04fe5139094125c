import { listOf, type Said, textOf } from './values.ts'

/**
 * What a request for help is about: a closed list of two levels. Portals say it in their own words and in several places, so it is
 * read from all of them; what fits nothing is OTHER, and the portal's words are kept beside it.
 */
export const TICKET_CATEGORIES = {
  VOICE: ['CALL_QUALITY', 'CALL_FAILURES', 'ROUTING_PROBLEMS', 'CODEC_ISSUES'],
  MESSAGING: ['SMS_DELIVERY_FAILURES', 'TEN_DLC_REGISTRATION', 'MMS_PROBLEMS', 'CAMPAIGN_ISSUES'],
  BILLING: ['INVOICE_DISPUTES', 'PAYMENT_FAILURES', 'TAX_QUESTIONS', 'RATE_INQUIRIES'],
  TECHNICAL: ['API_ERRORS', 'INTEGRATION_HELP', 'CONFIGURATION_ASSISTANCE', 'NUMBER_PORTING'],
  OTHER: [],
} as const

export type TicketCategory = keyof typeof TICKET_CATEGORIES
export type TicketSubcategory = (typeof TICKET_CATEGORIES)[TicketCategory][number]

interface Told {
  category: TicketCategory
  subcategory: TicketSubcategory | null
  /** Sooner read than others when a text fits several: the subcategories before the categories. */
  words: readonly string[]
}

const SUBCATEGORY_WORDS: Readonly<Record<TicketSubcategory, readonly string[]>> = {
  CALL_QUALITY: ['call quality', 'audio quality', 'choppy audio', 'one way audio'],
  CALL_FAILURES: ['call failure', 'calls fail', 'failed call', 'dropped call'],
  ROUTING_PROBLEMS: ['routing'],
  CODEC_ISSUES: ['codec'],
  SMS_DELIVERY_FAILURES: ['sms delivery', 'message delivery', 'sms fail'],
  TEN_DLC_REGISTRATION: ['10dlc', '10 dlc', 'ten dlc'],
  MMS_PROBLEMS: ['mms'],
  CAMPAIGN_ISSUES: ['campaign'],
  INVOICE_DISPUTES: ['invoice'],
  PAYMENT_FAILURES: ['payment fail', 'failed payment', 'card declined'],
  TAX_QUESTIONS: ['tax'],
  RATE_INQUIRIES: ['rate inquir', 'rate enquir', 'rate question', 'pricing'],
  API_ERRORS: ['api error', 'api fail'],
  INTEGRATION_HELP: ['integration'],
  CONFIGURATION_ASSISTANCE: ['configuration', 'setup help', 'set up help'],
  NUMBER_PORTING: ['porting', 'port request', 'number port'],
}

const CATEGORY_WORDS: Readonly<Record<Exclude<TicketCategory, 'OTHER'>, readonly string[]>> = {
  VOICE: ['voice', 'call issue', 'telephony'],
  MESSAGING: ['messaging', 'sms'],
  BILLING: ['billing', 'invoicing'],
  TECHNICAL: ['technical', 'api'],
}

/** Kinds of issue that the platform names (`warp_issue_type`), when no category is said. */
const ISSUE_TYPES: Readonly<Record<string, TicketCategory>> = {
  voice: 'VOICE',
  sms: 'MESSAGING',
  billing: 'BILLING',
  api: 'TECHNICAL',
  portal: 'TECHNICAL',
}

const TOLD: readonly Told[] = [
  ...Object.entries(TICKET_CATEGORIES).flatMap(([category, subcategories]) =>
    subcategories.map((subcategory) => ({
      category: category as TicketCategory,
      subcategory,
      words: [subcategory.toLowerCase().replaceAll('_', ' '), ...SUBCATEGORY_WORDS[subcategory]],
    })),
  ),
  ...Object.entries(CATEGORY_WORDS).map(([category, words]) => ({
    category: category as TicketCategory,
    subcategory: null,
    words,
  })),
]

/** Lower case, words apart by one space, so that `BILLING_ISSUE` and `Billing: issue` are the same. */
const plain = (text: string): string =>
  ` ${text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()} `

const fitting = (texts: readonly string[]): Told | undefined => {
  const said = texts.map(plain)
  return TOLD.find(({ words }) => words.some((word) => said.some((text) => text.includes(` ${word}`))))
}

/** Where a portal may say what a ticket is about, the first that fits counting. */
const SOURCES = ['warp_subcategory', 'warp_category', 'hs_ticket_category'] as const

type Says = Readonly<Record<string, unknown>>

/** What a ticket is about. @param issueType what the platform calls it, where the portal keeps that elsewhere */
export const categoryOf = (
  values: Says,
  issueType: string | null = textOf(values.warp_issue_type as Said),
): { category: TicketCategory; subcategory: TicketSubcategory | null; raw: string | null } => {
  const raw = textOf(values.hs_ticket_category as Said)
  const told = SOURCES.map((name) => fitting(listOf(values[name] as Said)))
  // The most telling of them, as long as they do not contradict each other.
  const first = told.find((each) => each !== undefined)
  const closer = told.find((each) => each?.subcategory && each.category === first?.category) ?? first
  const issue = ISSUE_TYPES[(issueType ?? '').toLowerCase()]
  return {
    category: closer?.category ?? issue ?? 'OTHER',
    subcategory: closer?.subcategory ?? null,
    raw,
  }
}

/** What the platform notes of a ticket beside its category. */
export const ISSUE_KINDS = ['VOICE', 'SMS', 'BILLING', 'API', 'PORTAL'] as const
export type IssueKind = (typeof ISSUE_KINDS)[number]
export { SEVERITIES, type Severity } from '#schema/events.ts'
