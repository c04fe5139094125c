/**
 * Kinds of event on the timeline of a HubSpot company. A writer names none that does not stand here.
 *
 * template  what HubSpot shows of events of a kind, under the kind's name
 * token     a value that an event carries
 * source    the event, of a sibling or our own, that such events begin with; null while none tells of it: then somebody has to post them
 */
export interface TimelineKind {
  name: string
  group: TimelineGroup
  label: string
  /** With tokens in braces. */
  header: string
  detail: string
  tokens: readonly TimelineToken[]
  source: string | null
  /** Whether it is told where nobody has said otherwise. */
  isOnByDefault: boolean
}

export type TimelineGroup = 'ACCOUNT' | 'SERVICE' | 'USAGE' | 'SUPPORT'

export interface TimelineToken {
  name: string
  label: string
  type: 'string' | 'number' | 'date'
}

/** Every event is one of a company. */
export const TIMELINE_OBJECT = 'COMPANY'

type Row = readonly [
  name: string,
  label: string,
  header: string,
  tokens: readonly (readonly [name: string, label: string, type?: TimelineToken['type']])[],
  source?: string,
]

const DAILY = new Set(['daily_usage_summary'])

const kinds = (group: TimelineGroup, rows: readonly Row[]): TimelineKind[] =>
  rows.map(([name, label, header, tokens, source = null]) => ({
    ...{ name, group, label, header, source },
    detail: tokens.map(([token, text]) => `${text}: {{${token}}}`).join('\n'),
    tokens: tokens.map(([token, text, type = 'string']) => ({ name: token, label: text, type })),
    isOnByDefault: (group === 'ACCOUNT' || group === 'SERVICE') && !DAILY.has(name),
  }))

const ACCOUNT = 'telephony.account.changed'
const TRUNK = 'telephony.trunk.changed'
const NUMBER = 'telephony.number.changed'
const PORT = 'telephony.port.changed'
const CAMPAIGN = 'telephony.campaign.changed'
const FIRST_CALL = 'telephony.call.first'
const USAGE = 'telephony.usage.summarised'
const ALERT = 'telephony.alert.opened'
const INVOICE = 'telephony.invoice.changed'
const DEAL = 'customers.deal.won'
const TICKET_CHANGED = 'customers.ticket.changed'

const BAN = ['ban', 'Billing account'] as const
const TRUNK_TOKENS = [
  ['trunk_id', 'Trunk'],
  ['trunk_name', 'Trunk name'],
] as const
/** A day of a company, over all its accounts. */
const DAY = [
  BAN,
  ['day', 'Day'],
  ['calls_completed', 'Calls completed', 'number'],
  ['minutes_used', 'Minutes used', 'number'],
  ['sms_sent', 'Messages sent', 'number'],
  // Words where there is no number: nothing is spent without a price, and nothing answered without a call.
  ['daily_spend', 'Spend'],
  ['asr', 'Share of calls answered'],
  ['acd', 'Seconds of an answered call'],
] as const
const TICKET = [
  ['ticket_id', 'Ticket'],
  ['ticket_subject', 'Subject'],
] as const

/** All kinds, in the order in which people are shown them. */
export const TIMELINE_KINDS: readonly TimelineKind[] = [
  ...kinds('ACCOUNT', [
    [
      'account_created',
      'Account created',
      'WARP account {{ban}} was opened',
      [BAN, ['tier', 'Tier']],
      ACCOUNT,
    ],
    ['account_suspended', 'Account suspended', 'WARP account {{ban}} was suspended', [BAN], ACCOUNT],
    ['account_reactivated', 'Account reactivated', 'WARP account {{ban}} is active again', [BAN], ACCOUNT],
    [
      'credit_limit_changed',
      'Credit limit changed',
      'The credit limit of WARP account {{ban}} is now {{new_limit}} {{currency}}',
      [BAN, ['old_limit', 'Before', 'number'], ['new_limit', 'Now', 'number'], ['currency', 'Currency']],
      ACCOUNT,
    ],
    [
      'onboarding_completed',
      'Onboarding complete',
      'Onboarding is complete: billing account {{ban}}, first trunk {{trunk_id}}',
      [BAN, ['trunk_id', 'First trunk']],
      DEAL,
    ],
    [
      'payment_method_updated',
      'Payment method updated',
      'WARP account {{ban}} pays another way',
      [BAN, ['payment_method', 'Payment method']],
      ACCOUNT,
    ],
  ]),
  ...kinds('SERVICE', [
    ['trunk_created', 'Trunk created', 'Trunk {{trunk_name}} was set up', TRUNK_TOKENS, TRUNK],
    [
      'trunk_modified',
      'Trunk modified',
      'Trunk {{trunk_name}} was changed: {{what_changed}}',
      [...TRUNK_TOKENS, ['what_changed', 'What changed']],
      TRUNK,
    ],
    ['trunk_deleted', 'Trunk deleted', 'Trunk {{trunk_name}} was deleted', TRUNK_TOKENS, TRUNK],
    [
      'numbers_purchased',
      'Numbers purchased',
      'Numbers bought: {{number_count}}',
      [BAN, ['number_count', 'How many', 'number'], ['number_types', 'Kinds']],
      NUMBER,
    ],
    [
      'numbers_ported',
      'Numbers ported',
      'Numbers brought over: {{number_count}}',
      [BAN, ['number_count', 'How many', 'number']],
      PORT,
    ],
    [
      'numbers_released',
      'Numbers released',
      'Numbers given back: {{number_count}}',
      [BAN, ['number_count', 'How many', 'number']],
      NUMBER,
    ],
    [
      'campaign_registered',
      '10DLC campaign registered',
      '10DLC campaign {{campaign_id}} was registered',
      [
        ['campaign_id', 'Campaign'],
        ['campaign_use', 'Use'],
      ],
      CAMPAIGN,
    ],
    // Which number, not which street: that is nobody's to read here.
    ['e911_updated', 'E911 updated', 'An emergency address was updated', [['e911_status', 'Status']], NUMBER],
  ]),
  ...kinds('USAGE', [
    ['first_call', 'First successful call', 'The first call went through', [BAN], FIRST_CALL],
    ['daily_usage_summary', 'Daily usage', '{{minutes_used}} minutes on {{day}}', DAY, USAGE],
    // An event on a timeline cannot be changed: one that was told with other numbers is followed by this one. A note is changed.
    [
      'daily_usage_corrected',
      'Daily usage corrected',
      'Corrected: {{minutes_used}} minutes on {{day}}',
      DAY,
      USAGE,
    ],
    [
      'usage_threshold_reached',
      'Usage threshold reached',
      '{{percent}} % of the limit is used: {{measure}}',
      [
        BAN,
        ['measure', 'What is limited'],
        ['percent', 'Share in percent', 'number'],
        ['limit', 'Limit', 'number'],
      ],
      ALERT,
    ],
    [
      'invoice_generated',
      'Invoice generated',
      'Invoice {{invoice_id}}: {{amount}} {{currency}}',
      [
        ['invoice_id', 'Invoice'],
        ['amount', 'Amount', 'number'],
        ['currency', 'Currency'],
      ],
      INVOICE,
    ],
  ]),
  ...kinds('SUPPORT', [
    ['ticket_created', 'Ticket created', 'Ticket {{ticket_subject}} was opened', TICKET, TICKET_CHANGED],
    ['ticket_resolved', 'Ticket resolved', 'Ticket {{ticket_subject}} was resolved', TICKET, TICKET_CHANGED],
    ['ticket_escalated', 'Escalation', 'Ticket {{ticket_subject}} was escalated', TICKET, TICKET_CHANGED],
    ['chat_started', 'Chat started', 'A chat began', [['chat_id', 'Chat']]],
    [
      'article_viewed',
      'Article viewed',
      'An article was read: {{article_title}}',
      [
        ['article_id', 'Article'],
        ['article_title', 'Title'],
      ],
    ],
  ]),
]

const BY_NAME: ReadonlyMap<string, TimelineKind> = new Map(TIMELINE_KINDS.map((kind) => [kind.name, kind]))

/** The kind of this name; undefined when there is none. */
export const timelineKind = (name: string): TimelineKind | undefined => BY_NAME.get(name)

/** The kinds that are told where nobody has said otherwise. */
export const DEFAULT_TIMELINE_KINDS: readonly string[] = TIMELINE_KINDS.filter(
  ({ isOnByDefault }) => isOnByDefault,
).map(({ name }) => name)
