import type { MappedType } from './hub-fields.ts'
import type { RecordType } from './kinds.ts'
import { ISSUE_KINDS, SEVERITIES } from './ticket-categories.ts'

/**
 * What people may say of a record through the graph, by the names that the graph has for it.
 *
 * written field  a field of an input: its value, and where in HubSpot it goes
 * reference      a field of an input that names another record: see `REFERENCES`
 */
export type ValueKind =
  | 'TEXT'
  | 'MARKUP'
  | 'EMAIL'
  | 'PHONE'
  | 'DOMAIN'
  | 'WEBSITE'
  | 'AMOUNT'
  | 'COUNT'
  | 'CURRENCY'
  | 'DAY'
  | 'INSTANT'
  | 'WORD'
  /** Of the portal's own properties. */
  | 'NUMBER'
  | 'FLAG'
  | 'FREE'

export interface WrittenField {
  kind: ValueKind
  /** The hub field whose mapping says which property it is. */
  hubField?: string
  /** The property, of kinds that nobody can map. */
  property?: string
  /** What it may be. Left out: anything that the portal takes. */
  words?: readonly string[]
}

const mapped = (kind: ValueKind, hubField: string, words?: readonly string[]): WrittenField => ({
  kind,
  hubField,
  ...(words ? { words } : {}),
})
const plain = (kind: ValueKind, property: string, words?: readonly string[]): WrittenField => ({
  kind,
  property,
  ...(words ? { words } : {}),
})

const TASK_STATES = ['NOT_STARTED', 'IN_PROGRESS', 'WAITING', 'DEFERRED', 'COMPLETED'] as const

/** By kind of record and field of its input. */
export const WRITTEN_FIELDS: Readonly<Record<RecordType, Readonly<Record<string, WrittenField>>>> = {
  companies: {
    name: mapped('TEXT', 'name'),
    domain: mapped('DOMAIN', 'domain'),
    website: mapped('WEBSITE', 'website'),
    industry: mapped('TEXT', 'industry'),
    phone: mapped('PHONE', 'phone'),
    city: mapped('TEXT', 'city'),
    country: mapped('TEXT', 'country'),
    employees: mapped('COUNT', 'employees'),
    annualRevenue: mapped('AMOUNT', 'annualRevenue'),
    lifecycleStage: mapped('TEXT', 'lifecycleStage'),
  },
  contacts: {
    email: mapped('EMAIL', 'email'),
    firstName: mapped('TEXT', 'firstName'),
    lastName: mapped('TEXT', 'lastName'),
    phone: mapped('PHONE', 'phone'),
    jobTitle: mapped('TEXT', 'jobTitle'),
  },
  deals: {
    name: mapped('TEXT', 'name'),
    amount: mapped('AMOUNT', 'amount'),
    currency: mapped('CURRENCY', 'currency'),
    closeDate: mapped('INSTANT', 'closeDate'),
    contractEnd: mapped('DAY', 'contractEnd'),
  },
  tickets: {
    subject: mapped('TEXT', 'subject'),
    priority: mapped('WORD', 'priority', ['LOW', 'MEDIUM', 'HIGH', 'URGENT']),
    issueType: mapped('WORD', 'issueType', ISSUE_KINDS),
    severity: mapped('WORD', 'severity', SEVERITIES),
    warpTrunkId: mapped('TEXT', 'trunkId'),
    warpCallId: mapped('TEXT', 'callId'),
    slaBreachAt: mapped('INSTANT', 'slaBreachAt'),
  },
  tasks: {
    subject: plain('TEXT', 'hs_task_subject'),
    body: plain('MARKUP', 'hs_task_body'),
    status: plain('WORD', 'hs_task_status', TASK_STATES),
    priority: plain('WORD', 'hs_task_priority', ['HIGH', 'MEDIUM', 'LOW', 'NONE']),
    type: plain('WORD', 'hs_task_type', ['CALL', 'EMAIL', 'TODO']),
    dueAt: plain('INSTANT', 'hs_timestamp'),
  },
  notes: {
    body: plain('MARKUP', 'hs_note_body'),
    notedAt: plain('INSTANT', 'hs_timestamp'),
  },
}

/** What a record must say: of each group at least one. HubSpot makes no record without, and people could not tell it from others. */
export const NEEDED: Readonly<Record<RecordType, readonly (readonly string[])[]>> = {
  companies: [['name', 'domain']],
  contacts: [['email', 'firstName', 'lastName']],
  deals: [['name']],
  tickets: [['subject']],
  tasks: [['subject'], ['dueAt']],
  notes: [['body']],
}

/** Fields of inputs that name other records, and the kind they name. `several`: all of them are named. */
export const REFERENCES: Readonly<Record<string, { type: RecordType; several: boolean }>> = {
  customerId: { type: 'companies', several: false },
  contactId: { type: 'contacts', several: false },
  contactIds: { type: 'contacts', several: true },
  dealId: { type: 'deals', several: false },
  ticketId: { type: 'tickets', several: false },
}

/** Kinds of records of which HubSpot says which company is the primary one. */
export const HAS_PRIMARY: ReadonlySet<RecordType> = new Set(['contacts', 'deals', 'tickets'])

/** The properties that say where in a pipeline a record is. */
export const STAGED: Partial<Record<RecordType, { pipeline: string; stage: string }>> = {
  deals: { pipeline: 'pipeline', stage: 'dealstage' },
  tickets: { pipeline: 'hs_pipeline', stage: 'hs_pipeline_stage' },
}

/** What a new record says where nobody has said it. */
export const BEGINNINGS: Partial<Record<RecordType, Readonly<Record<string, string>>>> = {
  tasks: { status: 'NOT_STARTED', type: 'TODO' },
}

/** Whether a kind of record is read by a mapping. */
export const isMapped = (type: RecordType): type is MappedType => type !== 'tasks' && type !== 'notes'
