/**
 * What the hub wants to know of each kind of HubSpot record, and from which properties it takes it while nobody has mapped it
 * otherwise.
 *
 * hub field   a thing the hub knows by name, whatever a portal calls it
 * property    a thing a portal keeps, under the portal's own name
 * mapping     from which properties, and through which transforms, a hub field gets its value
 */
export type FieldKind =
  | 'TEXT'
  | 'NUMBER'
  | 'WHOLE'
  | 'MONEY'
  | 'CURRENCY'
  | 'DAY'
  | 'INSTANT'
  | 'FLAG'
  | 'OWNER'

export interface HubField {
  label: string
  /** For salespeople: what it is. */
  says: string
  kind: FieldKind
  /** Properties it comes from, the first that has a value first. */
  from: readonly string[]
  /** What kind of personal data it is, as `@pii` names it. */
  personal?: 'name' | 'email' | 'phone' | 'text'
}

const field = (
  label: string,
  kind: FieldKind,
  from: readonly string[],
  says: string,
  personal?: HubField['personal'],
): HubField => ({ label, kind, from, says, ...(personal ? { personal } : {}) })

const OWNER = field('Owner', 'OWNER', ['hubspot_owner_id'], 'The colleague who looks after it.')

/** Every hub field, by kind of record. A field is known by its key for ever: stored mappings name it. */
export const HUB_FIELDS = {
  companies: {
    name: field('Name', 'TEXT', ['name', 'domain'], 'What the company is called.', 'name'),
    domain: field('Web domain', 'TEXT', ['domain', 'website'], 'By it accounts of other systems are found.'),
    website: field('Website', 'TEXT', ['website'], 'The address of its website.'),
    phone: field('Telephone', 'TEXT', ['phone'], 'Its main telephone number.', 'phone'),
    industry: field('Industry', 'TEXT', ['industry'], 'Its line of business.'),
    city: field('City', 'TEXT', ['city'], 'The city it sits in.'),
    country: field('Country', 'TEXT', ['country'], 'The country it sits in.'),
    employees: field('Employees', 'WHOLE', ['numberofemployees'], 'How many people work there.'),
    annualRevenue: field('Annual revenue', 'MONEY', ['annualrevenue'], 'Its yearly revenue (ARR).'),
    companyType: field('Company type', 'TEXT', ['type'], 'What it is to us: prospect, vendor and so on.'),
    lifecycleStage: field('Lifecycle stage', 'TEXT', ['lifecyclestage'], 'From stranger to customer.'),
    leadScore: field('Lead score', 'WHOLE', ['hubspotscore', 'lead_score'], 'How promising it is, 0 to 100.'),
    owner: OWNER,
    lastActivityAt: field(
      'Last activity',
      'INSTANT',
      ['hs_last_sales_activity_timestamp', 'notes_last_contacted'],
      'When somebody of ours last dealt with it.',
    ),
    warpBan: field('WARP billing account', 'TEXT', ['warp_ban'], 'Its billing account number on WARP.'),
    warpStatus: field('WARP status', 'TEXT', ['warp_status'], 'Active, suspended or churned.'),
    warpServiceTier: field(
      'WARP service tier',
      'TEXT',
      ['warp_service_tier', 'warp_tier'],
      'Starter, growth or enterprise.',
    ),
    warpMrr: field('WARP MRR', 'MONEY', ['warp_mrr'], 'Its monthly recurring revenue on WARP.'),
    warpContractEnd: field('WARP contract end', 'DAY', ['warp_contract_end'], 'The day its contract ends.'),
    warpCreditLimit: field('WARP credit limit', 'MONEY', ['warp_credit_limit'], 'How much it may owe.'),
    warpPaymentTerms: field('WARP payment terms', 'TEXT', ['warp_payment_terms'], 'Such as NET30.'),
  },
  contacts: {
    email: field('E-mail', 'TEXT', ['email'], 'The e-mail address.', 'email'),
    firstName: field('First name', 'TEXT', ['firstname'], 'The first name.', 'name'),
    lastName: field('Last name', 'TEXT', ['lastname'], 'The last name.', 'name'),
    phone: field('Telephone', 'TEXT', ['phone', 'mobilephone'], 'The telephone number.', 'phone'),
    jobTitle: field('Job title', 'TEXT', ['jobtitle'], 'What the person does there.'),
    owner: OWNER,
    lastActivityAt: field(
      'Last activity',
      'INSTANT',
      ['notes_last_contacted'],
      'When somebody of ours last dealt with the person.',
    ),
    warpUserId: field('WARP user', 'TEXT', ['warp_user_id'], 'The user the person is on WARP.'),
    warpRole: field('WARP role', 'TEXT', ['warp_role'], 'Admin, developer, billing or readonly.'),
    warpTwoFactor: field(
      'WARP two-factor',
      'FLAG',
      ['warp_2fa_enabled'],
      'Whether signing in takes two steps.',
    ),
    warpLastLogin: field(
      'WARP last login',
      'INSTANT',
      ['warp_last_login'],
      'When the person last signed in.',
    ),
    warpApiKeyCount: field('WARP API keys', 'WHOLE', ['warp_api_key_count'], 'How many keys the person has.'),
    warpLastApiCall: field(
      'WARP last API call',
      'INSTANT',
      ['warp_last_api_call'],
      'When one of those keys was last used.',
    ),
  },
  deals: {
    name: field('Name', 'TEXT', ['dealname'], 'What the deal is called.'),
    amount: field('Amount', 'MONEY', ['amount'], 'What the deal is worth.'),
    currency: field('Currency', 'CURRENCY', ['deal_currency_code'], 'In which currency, as three letters.'),
    closeDate: field('Close date', 'INSTANT', ['closedate'], 'When it closed, or is expected to.'),
    contractEnd: field(
      'Contract end',
      'DAY',
      ['warp_contract_end', 'contract_end_date', 'renewal_date'],
      'The end of the contract that it renews.',
    ),
    rfqNumber: field(
      'RFQ numbers',
      'TEXT',
      ['rfq_number'],
      'The numbers of the requests for prices that belong to it, parted by commas.',
    ),
    c3RfqId: field(
      'C3 RFQ ids',
      'TEXT',
      ['c3_rfq_id'],
      'The ids in C3 of the requests for prices that belong to it, parted by commas.',
    ),
    owner: OWNER,
  },
  tickets: {
    subject: field('Subject', 'TEXT', ['subject'], 'What the ticket is about.', 'text'),
    priority: field('Priority', 'TEXT', ['hs_ticket_priority'], 'LOW, MEDIUM, HIGH or URGENT.'),
    owner: OWNER,
    closedAt: field('Closed', 'INSTANT', ['closed_date'], 'When it was closed.'),
    issueType: field('Issue type', 'TEXT', ['warp_issue_type'], 'Voice, SMS, billing, API or portal.'),
    severity: field('Severity', 'TEXT', ['warp_severity'], 'Critical, high, medium or low.'),
    trunkId: field('Trunk', 'TEXT', ['warp_trunk_id'], 'The trunk it is about.'),
    callId: field('Call', 'TEXT', ['warp_call_id'], 'The call it is about.'),
    slaBreachAt: field('SLA breach', 'INSTANT', ['warp_sla_breach'], 'When what was promised is broken.'),
    technicalDetails: field(
      'Technical details',
      'TEXT',
      ['warp_technical_details'],
      'What machines have noted of it.',
      'text',
    ),
  },
} as const satisfies Record<string, Record<string, HubField>>

/** Kinds of records that have hub fields. */
export type MappedType = keyof typeof HUB_FIELDS
export const MAPPED_TYPES = Object.keys(HUB_FIELDS) as MappedType[]
export type FieldOf<T extends MappedType> = keyof (typeof HUB_FIELDS)[T] & string

/** The hub fields of a kind of record, by name. */
export const hubFields = (type: MappedType): Readonly<Record<string, HubField>> => HUB_FIELDS[type]

/** A hub field by name; undefined when there is none. */
export const hubField = (type: MappedType, name: string): HubField | undefined =>
  Object.hasOwn(HUB_FIELDS[type], name) ? hubFields(type)[name] : undefined
