import { TICKET_CATEGORIES } from '#connectors/demo/index.ts'
import type { PropertyDefinition, PropertyKind, PropertyOption } from '../setup-wire.ts'
import type { ObjectType } from '../wire.ts'
import { ATTENTION } from './attention.ts'

/** A definition in short. */
export type Row = readonly [
  name: string,
  label: string,
  type: PropertyKind,
  fieldType: string,
  options?: readonly string[],
  flag?: 'read-only' | 'calculated' | 'unique' | 'custom',
]

// In the order in which a record may move through them.
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
const COMMON: readonly Row[] = [
  ['hs_object_id', 'Record ID', 'number', 'number', undefined, 'read-only'],
  ['hubspot_owner_id', 'Owner', 'enumeration', 'select'],
  ['hubspot_owner_assigneddate', 'Owner assigned date', 'datetime', 'date', undefined, 'read-only'],
  ['hs_merged_object_ids', 'Merged record IDs', 'enumeration', 'checkbox', undefined, 'read-only'],
  ['createdate', 'Create date', 'datetime', 'date'],
]
const ACTIVITY: readonly Row[] = [
  ...COMMON.filter(([name]) => name !== 'createdate'),
  ['hs_createdate', 'Create date', 'datetime', 'date', undefined, 'read-only'],
  ['hs_lastmodifieddate', 'Last modified date', 'datetime', 'date', undefined, 'read-only'],
  ['hs_timestamp', 'Activity date', 'datetime', 'date'],
  ['hs_attachment_ids', 'Attached files', 'enumeration', 'checkbox'],
]

// Those that every portal has, and those that the demo's support desk has added.
const CATEGORIES = [
  'PRODUCT_ISSUE',
  'BILLING_ISSUE',
  'FEATURE_REQUEST',
  'GENERAL_INQUIRY',
  ...TICKET_CATEGORIES,
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
    ...ATTENTION,
    ['warp_user_id', 'WARP user', 'string', 'text', undefined, 'custom'],
    [
      'warp_role',
      'WARP role',
      'enumeration',
      'select',
      ['admin', 'developer', 'billing', 'readonly'],
      'custom',
    ],
    ['warp_2fa_enabled', 'WARP two-factor', 'bool', 'booleancheckbox', ['true', 'false'], 'custom'],
    ['warp_last_login', 'WARP last login', 'datetime', 'date', undefined, 'custom'],
    ['warp_api_key_count', 'WARP API keys', 'number', 'number', undefined, 'custom'],
    ['warp_last_api_call', 'WARP last API call', 'datetime', 'date', undefined, 'custom'],
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
    ['hs_ticket_category', 'Category', 'enumeration', 'select', CATEGORIES],
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
    ['warp_trunk_id', 'WARP trunk', 'string', 'text', undefined, 'custom'],
    ['warp_call_id', 'WARP call', 'string', 'text', undefined, 'custom'],
    ['warp_sla_breach', 'SLA breach', 'datetime', 'date', undefined, 'custom'],
    ['warp_technical_details', 'Technical details', 'string', 'textarea', undefined, 'custom'],
  ],
  tasks: [
    ['hs_task_subject', 'Task title', 'string', 'text'],
    ['hs_task_body', 'Notes', 'string', 'html'],
    [
      'hs_task_status',
      'Task status',
      'enumeration',
      'select',
      ['NOT_STARTED', 'IN_PROGRESS', 'WAITING', 'COMPLETED', 'DEFERRED'],
    ],
    ['hs_task_priority', 'Priority', 'enumeration', 'select', ['NONE', 'LOW', 'MEDIUM', 'HIGH']],
    ['hs_task_type', 'Task type', 'enumeration', 'select', ['TODO', 'CALL', 'EMAIL', 'LINKED_IN']],
    ['hs_task_reminders', 'Reminders', 'string', 'text'],
    ['hs_task_completion_date', 'Completed at', 'datetime', 'date', undefined, 'read-only'],
  ],
  notes: [['hs_note_body', 'Note body', 'string', 'html']],
  calls: [
    ['hs_call_title', 'Call title', 'string', 'text'],
    ['hs_call_body', 'Call notes', 'string', 'html'],
    ['hs_call_direction', 'Call direction', 'enumeration', 'select', ['INBOUND', 'OUTBOUND']],
    ['hs_call_disposition', 'Call outcome', 'enumeration', 'select', ['*outcome']],
    ['hs_call_duration', 'Call duration', 'number', 'number'],
    ['hs_call_from_number', 'From number', 'string', 'phonenumber'],
    ['hs_call_to_number', 'To number', 'string', 'phonenumber'],
    ['hs_call_status', 'Call status', 'enumeration', 'select', ['COMPLETED', 'NO_ANSWER', 'BUSY', 'FAILED']],
    ['hs_call_recording_url', 'Recording URL', 'string', 'text'],
  ],
}

const GROUPS: Readonly<Record<ObjectType, string>> = {
  companies: 'companyinformation',
  contacts: 'contactinformation',
  deals: 'dealinformation',
  tickets: 'ticketinformation',
  tasks: 'task',
  notes: 'note',
  calls: 'call',
}

/** The group that the properties of a fresh type are in. */
export const standardGroup = (type: string): string =>
  (GROUPS as Readonly<Record<string, string>>)[type] ?? 'custom_object_information'

/** The definitions a fresh portal has for a type, by name; a made-up type has those that every type has. */
export const standardProperties = (type: string): Map<string, PropertyDefinition> => {
  const own = (TABLES as Readonly<Record<string, readonly Row[]>>)[type]
  const hasHistory = own === undefined || ['tasks', 'notes', 'calls'].includes(type)
  const rows = hasHistory
    ? [...ACTIVITY.filter(([name]) => own || !OF_ACTIVITIES.includes(name)), ...(own ?? [])]
    : [...COMMON, ...own]
  return new Map(rows.map((row, i) => [row[0], definition(row, standardGroup(type), i)]))
}
const OF_ACTIVITIES = ['hs_timestamp', 'hs_attachment_ids']

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
export const madeUpProperty = (type: string, name: string): PropertyDefinition =>
  definition([name, name, 'string', 'text', undefined, 'custom'], standardGroup(type), 1_000)
