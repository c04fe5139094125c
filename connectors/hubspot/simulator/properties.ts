import type { ObjectType, PropertyDefinition, PropertyKind, PropertyOption } from '../wire.ts'

type Row = readonly [
  name: string,
  label: string,
  type: PropertyKind,
  fieldType: string,
  options?: readonly string[],
  flag?: 'read-only' | 'calculated' | 'unique' | 'custom',
]

const STAGES = [
  'subscriber',
  'lead',
  'marketingqualifiedlead',
  'salesqualifiedlead',
  'opportunity',
  'customer',
  'evangelist',
  'other',
] as const
/** Lifecycle stages in the order in which a record may move through them. */
export const LIFECYCLE: readonly string[] = STAGES

const COMMON: readonly Row[] = [
  ['hs_object_id', 'Record ID', 'number', 'number', undefined, 'read-only'],
  ['hubspot_owner_id', 'Owner', 'enumeration', 'select'],
  ['hubspot_owner_assigneddate', 'Owner assigned date', 'datetime', 'date', undefined, 'read-only'],
  ['hs_merged_object_ids', 'Merged record IDs', 'enumeration', 'checkbox', undefined, 'read-only'],
  ['createdate', 'Create date', 'datetime', 'date'],
]

const TABLES: Readonly<Record<ObjectType, readonly Row[]>> = {
  companies: [
    ['name', 'Company name', 'string', 'text'],
    ['domain', 'Company domain name', 'string', 'text'],
    ['website', 'Website URL', 'string', 'text'],
    ['phone', 'Phone number', 'string', 'phonenumber'],
    ['address', 'Street address', 'string', 'text'],
    ['city', 'City', 'string', 'text'],
    ['state', 'State/Region', 'string', 'text'],
    ['zip', 'Postal code', 'string', 'text'],
    ['country', 'Country/Region', 'string', 'text'],
    ['industry', 'Industry', 'enumeration', 'select', ['*industry']],
    ['annualrevenue', 'Annual revenue', 'number', 'number'],
    ['numberofemployees', 'Number of employees', 'number', 'number'],
    ['description', 'Description', 'string', 'textarea'],
    ['type', 'Type', 'enumeration', 'select', ['PROSPECT', 'PARTNER', 'RESELLER', 'VENDOR', 'OTHER']],
    ['lifecyclestage', 'Lifecycle stage', 'enumeration', 'radio', STAGES],
    ['hs_additional_domains', 'Additional domains', 'enumeration', 'checkbox', undefined, 'read-only'],
    ['hs_parent_company_id', 'Parent company', 'number', 'number', undefined, 'read-only'],
    ['hs_lastmodifieddate', 'Last modified date', 'datetime', 'date', undefined, 'read-only'],
    ['notes_last_contacted', 'Last contacted', 'datetime', 'date', undefined, 'read-only'],
    ['warp_ban', 'WARP billing account', 'string', 'text', undefined, 'custom'],
    ['customer_number', 'Customer number', 'string', 'text', undefined, 'custom'],
    ['renewal_date', 'Renewal date', 'date', 'date', undefined, 'custom'],
    ['nda_signed', 'NDA signed', 'bool', 'booleancheckbox', ['true', 'false'], 'custom'],
    ['component_spend', 'Yearly component spend', 'number', 'number', undefined, 'custom'],
  ],
  contacts: [
    ['email', 'Email', 'string', 'text', undefined, 'unique'],
    ['firstname', 'First name', 'string', 'text'],
    ['lastname', 'Last name', 'string', 'text'],
    ['phone', 'Phone number', 'string', 'phonenumber'],
    ['mobilephone', 'Mobile phone number', 'string', 'phonenumber'],
    ['jobtitle', 'Job title', 'string', 'text'],
    ['company', 'Company name', 'string', 'text'],
    ['city', 'City', 'string', 'text'],
    ['state', 'State/Region', 'string', 'text'],
    ['website', 'Website URL', 'string', 'text'],
    ['lifecyclestage', 'Lifecycle stage', 'enumeration', 'radio', STAGES],
    ['hs_lead_status', 'Lead status', 'enumeration', 'radio', ['NEW', 'OPEN', 'IN_PROGRESS', 'CONNECTED']],
    ['hs_email_domain', 'Email domain', 'string', 'text', undefined, 'calculated'],
    ['hs_additional_emails', 'Additional email addresses', 'enumeration', 'checkbox', undefined, 'read-only'],
    ['lastmodifieddate', 'Last modified date', 'datetime', 'date', undefined, 'read-only'],
    ['notes_last_contacted', 'Last contacted', 'datetime', 'date', undefined, 'read-only'],
    [
      'concern',
      'Concern',
      'enumeration',
      'select',
      ['purchasing', 'technical', 'executive', 'billing', 'general'],
      'custom',
    ],
  ],
  deals: [
    ['dealname', 'Deal name', 'string', 'text'],
    ['amount', 'Amount', 'number', 'number'],
    ['closedate', 'Close date', 'datetime', 'date'],
    ['pipeline', 'Pipeline', 'enumeration', 'select', ['*pipeline']],
    ['dealstage', 'Deal stage', 'enumeration', 'radio', ['*stage']],
    ['dealtype', 'Deal type', 'enumeration', 'radio', ['newbusiness', 'existingbusiness']],
    ['deal_currency_code', 'Currency', 'enumeration', 'select', ['USD', 'EUR', 'GBP']],
    ['description', 'Deal description', 'string', 'textarea'],
    ['hs_is_closed', 'Is deal closed?', 'bool', 'booleancheckbox', ['true', 'false'], 'calculated'],
    ['hs_is_closed_won', 'Is closed won', 'bool', 'booleancheckbox', ['true', 'false'], 'calculated'],
    ['hs_deal_stage_probability', 'Deal probability', 'number', 'number', undefined, 'calculated'],
    ['hs_lastmodifieddate', 'Last modified date', 'datetime', 'date', undefined, 'read-only'],
    ['purchase_order', 'Purchase order', 'string', 'text', undefined, 'custom'],
  ],
  tickets: [
    ['subject', 'Ticket name', 'string', 'text'],
    ['content', 'Ticket description', 'string', 'textarea'],
    ['hs_pipeline', 'Pipeline', 'enumeration', 'select', ['*pipeline']],
    ['hs_pipeline_stage', 'Ticket status', 'enumeration', 'select', ['*stage']],
    ['hs_ticket_priority', 'Priority', 'enumeration', 'select', ['LOW', 'MEDIUM', 'HIGH', 'URGENT']],
    ['hs_ticket_category', 'Category', 'enumeration', 'select', ['*category']],
    ['source_type', 'Source', 'enumeration', 'select', ['CHAT', 'EMAIL', 'FORM', 'PHONE']],
    ['closed_date', 'Close date', 'datetime', 'date'],
    ['hs_lastmodifieddate', 'Last modified date', 'datetime', 'date', undefined, 'read-only'],
    [
      'warp_issue_type',
      'Issue type',
      'enumeration',
      'select',
      ['voice', 'sms', 'billing', 'api', 'portal'],
      'custom',
    ],
    ['warp_severity', 'Severity', 'enumeration', 'select', ['critical', 'high', 'medium', 'low'], 'custom'],
  ],
}

const GROUPS: Readonly<Record<ObjectType, string>> = {
  companies: 'companyinformation',
  contacts: 'contactinformation',
  deals: 'dealinformation',
  tickets: 'ticketinformation',
}

/** The definitions a fresh portal has for a type, by name. `open` enumerations (owners, stages) take any value. */
export const standardProperties = (type: ObjectType): Map<string, PropertyDefinition> =>
  new Map([...COMMON, ...TABLES[type]].map((row, i) => [row[0], definition(row, GROUPS[type], i)]))

const definition = (
  [name, label, type, fieldType, options, flag]: Row,
  groupName: string,
  displayOrder: number,
): PropertyDefinition => {
  const custom = flag === 'custom'
  return {
    name,
    label,
    type,
    fieldType,
    description: '',
    groupName,
    options: options?.[0]?.startsWith('*') === true ? [] : (options ?? []).map(option),
    displayOrder,
    calculated: flag === 'calculated',
    externalOptions: name === 'hubspot_owner_id',
    hasUniqueValue: flag === 'unique',
    hidden: false,
    hubspotDefined: !custom,
    formField: false,
    archived: false,
    createdAt: '2024-01-01T00:00:00.000Z',
    updatedAt: '2024-01-01T00:00:00.000Z',
    modificationMetadata: {
      archivable: custom,
      readOnlyDefinition: !custom,
      readOnlyValue: flag === 'read-only' || flag === 'calculated',
    },
  }
}

const option = (value: string, displayOrder: number): PropertyOption => ({
  label: value,
  value,
  displayOrder,
  hidden: false,
})

/** A text property that a portal's users have made up: what `/_sim/seed` makes a thousand of. */
export const madeUpProperty = (type: ObjectType, name: string): PropertyDefinition =>
  definition([name, name, 'string', 'text', undefined, 'custom'], GROUPS[type], 1_000)
