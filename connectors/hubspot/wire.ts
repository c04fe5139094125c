/**
 * HubSpot's own words: the JSON that travels between a portal and its clients, and the limits that HubSpot sets.
 * The client and the simulator are both written against this file; nothing here means anything to the hub.
 *
 * Portal: one HubSpot account. Object type: `companies`, `contacts`, … (`0-2`, `0-1` by number). Record: one row of a type.
 * Label: what an association between two records says (primary, or one a portal has made up).
 */

/** Object types the connector reads and writes. Activities are the last three. */
export const OBJECT_TYPES = ['companies', 'contacts', 'deals', 'tickets', 'tasks', 'notes', 'calls'] as const
export type ObjectType = (typeof OBJECT_TYPES)[number]

/** HubSpot's number of each object type, and the singular it uses in messages and association types. */
export const OBJECT_TYPE_FACTS: Readonly<
  Record<ObjectType, { typeId: string; singular: string; modifiedProperty: string }>
> = {
  companies: { typeId: '0-2', singular: 'company', modifiedProperty: 'hs_lastmodifieddate' },
  contacts: { typeId: '0-1', singular: 'contact', modifiedProperty: 'lastmodifieddate' },
  deals: { typeId: '0-3', singular: 'deal', modifiedProperty: 'hs_lastmodifieddate' },
  tickets: { typeId: '0-5', singular: 'ticket', modifiedProperty: 'hs_lastmodifieddate' },
  tasks: { typeId: '0-27', singular: 'task', modifiedProperty: 'hs_lastmodifieddate' },
  notes: { typeId: '0-46', singular: 'note', modifiedProperty: 'hs_lastmodifieddate' },
  calls: { typeId: '0-48', singular: 'call', modifiedProperty: 'hs_lastmodifieddate' },
}

const ACTIVITY_DEFAULTS = ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id']

/** Properties that come back when a read names none. */
export const DEFAULT_PROPERTIES: Readonly<Record<ObjectType, readonly string[]>> = {
  companies: ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
  contacts: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
  deals: [
    'amount',
    'closedate',
    'createdate',
    'dealname',
    'dealstage',
    'hs_lastmodifieddate',
    'hs_object_id',
    'pipeline',
  ],
  tickets: [
    'content',
    'createdate',
    'hs_lastmodifieddate',
    'hs_object_id',
    'hs_pipeline',
    'hs_pipeline_stage',
    'hs_ticket_category',
    'hs_ticket_priority',
    'subject',
  ],
  tasks: ACTIVITY_DEFAULTS,
  notes: ACTIVITY_DEFAULTS,
  calls: ACTIVITY_DEFAULTS,
}

/** HubSpot's ceilings, per request unless a name says otherwise. */
export const LIMITS = {
  listPage: 100,
  batchInputs: 100,
  searchPage: 200,
  /** Offset plus limit of a search may not pass this. */
  searchWindow: 10_000,
  searchBodyCharacters: 3_000,
  searchFilterGroups: 5,
  searchFiltersPerGroup: 6,
  searchFilters: 18,
  associationBatchRead: 1_000,
  associationBatchWrite: 2_000,
  associationPage: 500,
  /** Records per batch read that asks for former values. */
  historyInputs: 50,
  /** Documented of v1; of v3 nothing is. */
  timelineEvents: 100,
  /** Longest GET target that is safe; HubSpot answers 414 a little above. */
  urlCharacters: 15_000,
  searchesPerSecond: 5,
} as const

/** Every value is a text, or null when the record has none. */
export type PropertyValues = Record<string, string | null>

/** One record. Instants are ISO 8601 texts. */
export interface CrmRecord {
  id: string
  properties: PropertyValues
  createdAt: string
  updatedAt: string
  archived: boolean
  archivedAt?: string
  /** Newest first; only when it was asked for. */
  propertiesWithHistory?: Record<string, PropertyVersion[]>
  /** By plural type name. The same pair comes once per association type, so an id may appear twice. */
  associations?: Record<string, InlineAssociations>
}

/** A value that a property had, and what set it, in the words of webhook events' `changeSource`. */
export interface PropertyVersion {
  value: string
  timestamp: string
  sourceType: string
  sourceId?: string
}

export interface InlineAssociations {
  results: { id: string; type: string }[]
  /** Present when the record has more than fit; the rest is read from the association endpoints. */
  paging?: Paging
}

export interface Paging {
  /** `after` is opaque. */
  next?: { after: string; link?: string }
}

/** Answer of list and, with `total`, of search. `paging` is absent on the last page. */
export interface CrmPage {
  results: CrmRecord[]
  paging?: Paging
}

export interface SearchPage extends CrmPage {
  total: number
}

export type SearchOperator =
  | 'LT'
  | 'LTE'
  | 'GT'
  | 'GTE'
  | 'EQ'
  | 'NEQ'
  | 'BETWEEN'
  | 'IN'
  | 'NOT_IN'
  | 'HAS_PROPERTY'
  | 'NOT_HAS_PROPERTY'
  | 'CONTAINS_TOKEN'
  | 'NOT_CONTAINS_TOKEN'

export interface SearchFilter {
  propertyName: string
  operator: SearchOperator
  value?: string
  highValue?: string
  values?: string[]
}

/** Groups are alternatives; the filters of one group must all hold. Dates are epoch milliseconds as text. */
export interface SearchRequest {
  filterGroups?: { filters: SearchFilter[] }[]
  sorts?: ({ propertyName: string; direction?: 'ASCENDING' | 'DESCENDING' } | string)[]
  properties?: string[]
  query?: string
  limit?: number
  /** An integer offset, as text. */
  after?: string
}

export interface BatchReadRequest {
  properties: string[]
  propertiesWithHistory: string[]
  idProperty?: string
  inputs: { id: string }[]
}

/** Answer of a batch call: 200, or 207 with `numErrors` and `errors`. Results come in any order. */
export interface BatchAnswer<T> {
  status: 'COMPLETE' | 'PENDING' | 'PROCESSING' | 'CANCELED'
  results: T[]
  requestedAt?: string
  startedAt: string
  completedAt: string
  numErrors?: number
  errors?: BatchError[]
}

export interface BatchError {
  status: 'error'
  category: string
  subCategory?: string
  message: string
  context: Record<string, string[]>
}

export type AssociationCategory = 'HUBSPOT_DEFINED' | 'USER_DEFINED' | 'INTEGRATOR_DEFINED' | 'WORK'

export interface AssociationType {
  category: AssociationCategory
  typeId: number
  /** Null for the plain association. */
  label: string | null
}

/** One associated record, as the v4 endpoints give it. The id is a JSON number there and a text everywhere else. */
export interface AssociatedRecord {
  toObjectId: number
  associationTypes: AssociationType[]
}

export interface AssociationPage {
  results: AssociatedRecord[]
  paging?: Paging
}

export interface AssociationBatchReadRequest {
  inputs: { id: string; after?: string }[]
}

/** The associations of one record within a v4 batch read. */
export interface AssociationsOfRecord {
  from: { id: string }
  to: AssociatedRecord[]
  paging?: Paging
}

/** What is sent to make an association. */
export interface AssociationSpec {
  associationCategory: AssociationCategory
  associationTypeId: number
}

/** Pseudo failure of an association batch read: the record has none. */
export const NO_ASSOCIATIONS = 'crm.associations.NO_ASSOCIATIONS_FOUND'

/** HubSpot's own association types between the object types above, one way each. `primary` is the labelled one. */
export const ASSOCIATION_TYPE_IDS: Readonly<Record<string, { plain: number; primary?: number }>> = {
  'contacts>companies': { plain: 279, primary: 1 },
  'companies>contacts': { plain: 280, primary: 2 },
  'deals>companies': { plain: 341, primary: 5 },
  'companies>deals': { plain: 342, primary: 6 },
  'deals>contacts': { plain: 3 },
  'contacts>deals': { plain: 4 },
  'tickets>companies': { plain: 339, primary: 26 },
  'companies>tickets': { plain: 340, primary: 25 },
  'tickets>contacts': { plain: 16 },
  'contacts>tickets': { plain: 15 },
  'deals>tickets': { plain: 27 },
  'tickets>deals': { plain: 28 },
  'companies>companies': { plain: 450 },
  'companies>tasks': { plain: 191 },
  'tasks>companies': { plain: 192 },
  'contacts>tasks': { plain: 203 },
  'tasks>contacts': { plain: 204 },
  'deals>tasks': { plain: 215 },
  'tasks>deals': { plain: 216 },
  'tickets>tasks': { plain: 229 },
  'tasks>tickets': { plain: 230 },
  'companies>notes': { plain: 189 },
  'notes>companies': { plain: 190 },
  'contacts>notes': { plain: 201 },
  'notes>contacts': { plain: 202 },
  'deals>notes': { plain: 213 },
  'notes>deals': { plain: 214 },
  'tickets>notes': { plain: 227 },
  'notes>tickets': { plain: 228 },
  'companies>calls': { plain: 181 },
  'calls>companies': { plain: 182 },
  'contacts>calls': { plain: 193 },
  'calls>contacts': { plain: 194 },
  'deals>calls': { plain: 205 },
  'calls>deals': { plain: 206 },
  'tickets>calls': { plain: 219 },
  'calls>tickets': { plain: 220 },
}

export interface ObjectWrite {
  properties: Record<string, string>
  associations?: { to: { id: string }; types: AssociationSpec[] }[]
}

export interface MergeRequest {
  primaryObjectId: string
  objectIdToMerge: string
}

/** Every error but 414 and some 5xx. */
export interface ErrorBody {
  status: 'error'
  message: string
  correlationId: string
  category?: string
  subCategory?: string
  /** On 429 only. */
  errorType?: 'RATE_LIMIT'
  policyName?: 'TEN_SECONDLY_ROLLING' | 'DAILY' | 'SECONDLY'
  groupName?: string
  errors?: { message: string; code?: string; context?: Record<string, string[]> }[]
  context?: Record<string, string[]>
  links?: Record<string, string>
}

/** Rate-limit headers, as lower-case names. Search answers carry none of them. */
export const RATE_HEADERS = {
  max: 'x-hubspot-ratelimit-max',
  remaining: 'x-hubspot-ratelimit-remaining',
  intervalMs: 'x-hubspot-ratelimit-interval-milliseconds',
  daily: 'x-hubspot-ratelimit-daily',
  dailyRemaining: 'x-hubspot-ratelimit-daily-remaining',
} as const
