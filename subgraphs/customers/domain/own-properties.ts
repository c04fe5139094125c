import type { PropertyOption } from './catalog.ts'
import type { RecordType } from './kinds.ts'
import { TICKET_CATEGORIES } from './ticket-categories.ts'

/**
 * What the hub writes into a portal beyond HubSpot's own properties. A writer names nothing that does not stand here.
 *
 * own property  a property that the hub makes where a portal lacks it, and writes
 * own group     the heading under which HubSpot shows own properties to its people
 */
export interface OwnProperty {
  name: string
  label: string
  description: string
  group: OwnGroup
  type: 'string' | 'number' | 'date' | 'datetime' | 'enumeration' | 'bool'
  fieldType: string
  options: readonly PropertyOption[]
  /** No two records may have the same value. HubSpot lets nobody change that later. */
  isUnique: boolean
}

export const OWN_GROUPS = {
  warp: 'WARP',
  oppspot: 'oppSpot',
  cscx: 'Customer success',
  ai: 'Forecasts and advice',
  tributary: 'Tributary',
} as const
export type OwnGroup = keyof typeof OWN_GROUPS

/** By it a record that the hub makes is known for ever, so that making it again makes no second one: the value is the hub's own id. */
export const EXTERNAL_KEY = 'hub_external_key'

const SHAPES = {
  text: { type: 'string', fieldType: 'text' },
  long: { type: 'string', fieldType: 'textarea' },
  key: { type: 'string', fieldType: 'text' },
  number: { type: 'number', fieldType: 'number' },
  day: { type: 'date', fieldType: 'date' },
  instant: { type: 'datetime', fieldType: 'date' },
} as const

const SPELT: Readonly<Record<string, string>> = {
  ach: 'ACH',
  sms: 'SMS',
  api: 'API',
  tollfree: 'Toll-free',
  ten_dlc_registration: '10DLC registration',
  sms_delivery_failures: 'SMS delivery failures',
  mms_problems: 'MMS problems',
  api_errors: 'API errors',
}

const options = (values: readonly string[]): PropertyOption[] =>
  values.map((value) => ({
    value,
    label: SPELT[value] ?? value.charAt(0).toUpperCase() + value.slice(1).replaceAll('_', ' '),
  }))

const YES_NO: readonly PropertyOption[] = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
]

type Shape = keyof typeof SHAPES | 'flag' | readonly string[] | { several: readonly string[] }

const shaped = (shape: Shape): Pick<OwnProperty, 'type' | 'fieldType' | 'options'> => {
  if (shape === 'flag') return { type: 'bool', fieldType: 'booleancheckbox', options: YES_NO }
  if (typeof shape === 'string') return { ...SHAPES[shape], options: [] }
  return 'several' in shape
    ? { type: 'enumeration', fieldType: 'checkbox', options: options(shape.several) }
    : { type: 'enumeration', fieldType: 'select', options: options(shape) }
}

/** Properties of one group: a row is name, what people see, shape, and what it is for. */
export const group = (
  name: OwnGroup,
  rows: readonly (readonly [name: string, label: string, shape: Shape, description: string])[],
): OwnProperty[] =>
  rows.map(([property, label, shape, description]) => ({
    ...{ name: property, label, description, group: name, isUnique: shape === 'key' },
    ...shaped(shape),
  }))

/** Every record that the hub makes carries it. */
export const KEY: readonly OwnProperty[] = group('tributary', [
  [EXTERNAL_KEY, 'Tributary key', 'key', 'By it Tributary knows the record. Leave it as it is.'],
])

/**
 * Whether emergency services know where somebody calls from. The street itself is personal: it goes to a portal only where its
 * organisation has said so, and then only with the number it belongs to.
 */
export const E911_STATES = ['none', 'pending', 'registered', 'rejected'] as const

// HubSpot has amounts of money as numbers. `warp_tier` is what an earlier product called the tier: read, never written.
const WARP_OF_COMPANIES = group('warp', [
  ['warp_ban', 'WARP billing account', 'text', 'Billing account number on WARP.'],
  ['warp_status', 'WARP status', ['active', 'suspended', 'churned'], 'How its account stands on WARP.'],
  [
    'warp_service_tier',
    'WARP service tier',
    ['starter', 'growth', 'enterprise'],
    'The tier of its contract.',
  ],
  ['warp_mrr', 'WARP MRR', 'number', 'Its monthly recurring revenue on WARP, in its currency.'],
  ['warp_contract_end', 'WARP contract end', 'day', 'The day its contract ends.'],
  ['warp_credit_limit', 'WARP credit limit', 'number', 'How much it may owe, in its currency.'],
  ['warp_payment_terms', 'WARP payment terms', 'text', 'How soon it pays, such as NET30.'],
  ['warp_payment_method', 'WARP payment method', ['card', 'ach', 'wire'], 'How it pays.'],
  [
    'warp_payment_status',
    'WARP payment status',
    ['current', 'past_due', 'suspended'],
    'Whether it has paid.',
  ],
  ['warp_mtd_minutes', 'WARP minutes this month', 'number', 'Minutes used since the month began.'],
  ['warp_mtd_spend', 'WARP spend this month', 'number', 'Spent since the month began, in its currency.'],
  ['warp_trunk_count', 'WARP trunks', 'number', 'How many trunks it has.'],
  ['warp_number_count', 'WARP numbers', 'number', 'How many telephone numbers it has.'],
  ['warp_api_enabled', 'WARP API', 'flag', 'Whether it may use the API.'],
  ['warp_sms_enabled', 'WARP SMS', 'flag', 'Whether it may send messages.'],
  ['warp_tcr_brand_id', 'WARP TCR brand', 'text', 'Its brand at The Campaign Registry.'],
  [
    'warp_resporg_status',
    'WARP RespOrg',
    ['none', 'pending', 'active'],
    'How far its toll-free numbers have come over.',
  ],
  [
    'warp_e911_status',
    'WARP E911',
    E911_STATES,
    'Whether emergency services know where its numbers call from.',
  ],
  [
    'warp_e911_hash',
    'WARP E911 mark',
    'text',
    'Changes when an emergency address does. It does not tell the address.',
  ],
])

/** What stands in for trunks and numbers where a portal has no room for kinds of records of our own. */
export const INSTEAD_OF_OBJECTS: readonly OwnProperty[] = group('warp', [
  ['warp_trunks', 'WARP trunk list', 'long', 'Its trunks, one in a line.'],
  ['warp_numbers', 'WARP number list', 'long', 'Its telephone numbers, one in a line.'],
])

const OPPSPOT = group('oppspot', [
  ['oppspot_summary', 'oppSpot summary', 'long', 'The company in a few sentences.'],
  ['oppspot_score', 'oppSpot score', 'number', 'How promising it is, 0 to 100.'],
  ['oppspot_signals', 'oppSpot signals', 'long', 'What speaks for its buying, parted by commas.'],
  ['oppspot_next_actions', 'oppSpot next actions', 'long', 'What to do next.'],
  ['oppspot_deal_stage', 'oppSpot deal stage', 'text', 'The stage that its deal seems to be in.'],
  ['oppspot_score_financial', 'oppSpot financial score', 'number', 'How sound it is, 0 to 100.'],
  ['oppspot_score_growth', 'oppSpot growth score', 'number', 'How it grows, 0 to 100.'],
  [
    'oppspot_score_engagement',
    'oppSpot engagement score',
    'number',
    'How much it has to do with us, 0 to 100.',
  ],
  ['oppspot_score_fit', 'oppSpot fit score', 'number', 'How well it fits what we sell, 0 to 100.'],
])

const CSCX = group('cscx', [
  ['cscx_health_score', 'Health score', 'number', 'How well the customer is, 0 to 100.'],
  ['cscx_health_trend', 'Health trend', ['growing', 'stable', 'declining'], 'Where its health is going.'],
])

const AI = group('ai', [
  ['ai_risk_score', 'Churn risk', 'number', 'How likely it leaves, 0 to 100.'],
  ['predicted_ltv', 'Predicted lifetime value', 'number', 'What it will have been worth, in its currency.'],
  ['next_order_prediction', 'Next order expected', 'day', 'When its next order is expected.'],
  ['recommended_actions', 'Recommended actions', 'long', 'What to do, as JSON for programs.'],
])

// How many keys a person has, never which: `warp_api_keys` is made nowhere.
const WARP_OF_CONTACTS = group('warp', [
  ['warp_user_id', 'WARP user', 'text', 'The user the person is on WARP.'],
  [
    'warp_role',
    'WARP role',
    ['admin', 'developer', 'billing', 'readonly'],
    'What the person may do on WARP.',
  ],
  ['warp_2fa_enabled', 'WARP two-factor', 'flag', 'Whether signing in takes two steps.'],
  ['warp_last_login', 'WARP last login', 'instant', 'When the person last signed in.'],
  ['warp_api_key_count', 'WARP API keys', 'number', 'How many keys the person has.'],
  ['warp_last_api_call', 'WARP last API call', 'instant', 'When one of those keys was last used.'],
])

const C3_OF_DEALS = group('tributary', [
  [
    'rfq_number',
    'RFQ numbers',
    'text',
    'The requests for prices that belong to it, parted by commas. Add one, and it is linked; take one away, and it is not.',
  ],
  ['c3_rfq_id', 'C3 RFQ ids', 'text', 'The same requests by their ids in C3.'],
  [
    'c3_rfq_status',
    'RFQ status',
    ['open', 'quoted', 'won', 'lost', 'expired'],
    'Where the newest of them stands.',
  ],
  ['c3_rfq_value', 'RFQ value', 'number', 'What they are worth together, where that is in one currency.'],
  ['c3_rfq_currency', 'RFQ currency', 'text', 'The currency of their value, as three letters.'],
])

/** A word of ours as HubSpot keeps it. */
const words = (list: readonly string[]): string[] => list.map((word) => word.toLowerCase())

const WARP_OF_TICKETS = group('warp', [
  ['warp_category', 'WARP category', words(Object.keys(TICKET_CATEGORIES)), 'What it is about.'],
  [
    'warp_subcategory',
    'WARP subcategory',
    words(Object.values(TICKET_CATEGORIES).flat()),
    'What it is about, more closely.',
  ],
  [
    'warp_issue_type',
    'WARP issue type',
    ['voice', 'sms', 'billing', 'api', 'portal'],
    'What the trouble is with.',
  ],
  ['warp_trunk_id', 'WARP trunk', 'text', 'The trunk it is about.'],
  ['warp_call_id', 'WARP call', 'text', 'The call it is about.'],
  ['warp_severity', 'WARP severity', ['critical', 'high', 'medium', 'low'], 'How bad it is.'],
  ['warp_sla_breach', 'WARP SLA breach', 'instant', 'When what was promised is broken.'],
  [
    'warp_technical_details',
    'WARP technical details',
    'long',
    'What machines have noted of it, as JSON for programs.',
  ],
])

/** The own properties of HubSpot's own kinds of records. */
export const OWN_PROPERTIES: Readonly<Record<RecordType, readonly OwnProperty[]>> = {
  companies: [...WARP_OF_COMPANIES, ...OPPSPOT, ...CSCX, ...AI, ...KEY],
  contacts: [...WARP_OF_CONTACTS, ...KEY],
  deals: [...C3_OF_DEALS, ...KEY],
  tickets: [...WARP_OF_TICKETS, ...KEY],
  tasks: KEY,
  notes: KEY,
}
