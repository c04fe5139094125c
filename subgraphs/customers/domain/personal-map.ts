/**
 * Where this database keeps data of persons: every column that could hold some is here, as one of
 * - *holds*: a person's own data; exported, and erased with the person's rows
 * - *mentions*: somebody else's data in which a person may be named; exported, and cut out when the person is erased
 * - *free*: words of the hub, names and ids of companies and portals, times, counts, hashes, sealed credentials
 * A test compares it with the database's own catalogue: whoever adds a column decides here what it is.
 */

/** How the rows of a record are found in a table: by our id of it, or by the source's id under its connection. */
export type Reach =
  | { id: string; type: RecordTypeIn }
  | { connection: string; record: string; type: RecordTypeIn }
/** The record's type: always this one, or told by a column. */
export type RecordTypeIn = { is: string } | { column: string }

export interface TableMap {
  reach?: readonly Reach[]
  holds?: readonly string[]
  mentions?: readonly string[]
  free?: readonly string[]
}

const recordTable = (type: string): Pick<TableMap, 'reach'> => ({ reach: [{ id: 'id', type: { is: type } }] })
const linked: Pick<TableMap, 'reach'> = {
  reach: [{ connection: 'connection_id', record: 'external_id', type: { column: 'type' } }],
}

const ours: Pick<TableMap, 'reach'> = { reach: [{ id: 'local_id', type: { column: 'type' } }] }

/** What a task or a note is about, by the source's ids. */
const ABOUT = ['company_external_id', 'contact_external_id', 'deal_external_id', 'ticket_external_id']

export const PERSONAL_MAP: Readonly<Record<string, TableMap>> = {
  'customers.contacts': {
    ...recordTable('contacts'),
    holds: [
      'external_id',
      'email',
      'first_name',
      'last_name',
      'phone',
      'job_title',
      'name_key',
      'warp_user_id',
      'warp_role',
      'company_external_id',
    ],
    mentions: ['properties'],
  },
  'customers.tickets': {
    ...recordTable('tickets'),
    mentions: ['subject', 'properties', 'technical_details'],
    free: [
      'external_id',
      'pipeline',
      'stage',
      'priority',
      'category',
      'subcategory',
      'issue_type',
      'severity',
      'trunk_id',
      'call_id',
      'company_external_id',
    ],
  },
  'customers.tasks': {
    ...recordTable('tasks'),
    mentions: ['subject', 'body', 'properties'],
    free: ['external_id', 'status', 'priority', 'task_type', ...ABOUT],
  },
  'customers.notes': {
    ...recordTable('notes'),
    mentions: ['body', 'properties'],
    free: ['external_id', ...ABOUT],
  },
  'customers.versions': {
    reach: [{ id: 'record_id', type: { column: 'type' } }],
    mentions: ['properties'],
    free: ['type'],
  },
  'customers.external_ids': {
    reach: [{ id: 'record_id', type: { column: 'type' } }],
    holds: ['value'],
    free: ['type', 'system'],
  },
  'customers.edges': {
    reach: [
      { connection: 'integration_id', record: 'from_id', type: { column: 'from_type' } },
      { connection: 'integration_id', record: 'to_id', type: { column: 'to_type' } },
    ],
    holds: ['from_type', 'from_id', 'to_type', 'to_id'],
  },
  'sync.links': {
    ...linked,
    holds: ['external_id'],
    mentions: ['base'],
    free: ['type', 'lineage', 'gone_reason'],
  },
  'sync.aliases': {
    reach: [
      { connection: 'connection_id', record: 'external_id', type: { column: 'type' } },
      { connection: 'connection_id', record: 'survivor_id', type: { column: 'type' } },
    ],
    holds: ['external_id', 'survivor_id'],
    free: ['type'],
  },
  'sync.decisions': {
    ...linked,
    holds: ['external_id'],
    mentions: ['base', 'theirs', 'ours', 'chosen'],
    free: ['type', 'field', 'policy', 'outcome', 'would', 'settled_by'],
  },
  // Why somebody set one aside are a user's own words.
  'sync.dead_letters': {
    ...linked,
    holds: ['external_id'],
    mentions: ['reason', 'dismissed_because'],
    free: ['type', 'direction', 'state', 'code', 'guidance'],
  },
  'sync.logs': {
    ...linked,
    holds: ['external_id'],
    mentions: ['reason', 'enrichments'],
    free: ['type', 'direction', 'operation', 'status', 'code', 'guidance'],
  },
  'sync.drift': { ...linked, holds: ['external_id'], free: ['type', 'kind', 'fields'] },
  'sync.schedules': { mentions: ['paused_because'], free: ['name', 'time_zone', 'last_result'] },
  'sync.alerts': { free: ['subject', 'type', 'code'] },
  'customers.bulk_items': {
    reach: [{ id: 'record_id', type: { column: 'type' } }],
    mentions: ['input', 'message'],
    free: ['type', 'outcome', 'code', 'field'],
  },
  'customers.bulk_jobs': {
    mentions: ['input'],
    free: ['type', 'operation', 'state', 'asked_by_kind', 'asked_by'],
  },
  'customers.privacy_requests': {
    reach: [{ connection: 'integration_id', record: 'external_id', type: { is: 'contacts' } }],
    holds: ['external_id'],
  },
  // What HubSpot told: ids of records, and its words, sealed. Both are taken out by themselves.
  'customers.webhook_deliveries': {
    free: ['portal_id', 'receiver', 'events', 'records', 'status', 'raw_sealed'],
  },
  'customers.webhook_events': { free: ['hash'] },
  'customers.unroutable_portals': { free: ['portal_id'] },
  // Of portals that nobody is connected to: sealed, for a week.
  'customers.unroutable_deliveries': { free: ['portal_id', 'receiver', 'raw_sealed'] },
  'sync.signals': { ...linked, holds: ['external_id'], free: ['type', 'error_code'] },
  'sync.signal_lanes': { free: ['type'] },
  'sync.outgoing': { ...ours, free: ['type', 'error_code', 'trace'] },
  'sync.outgoing_lanes': { free: ['type'] },
  'sync.writes': {
    ...ours,
    holds: ['external_id'],
    mentions: ['fields', 'unlooked'],
    free: ['type', 'operation', 'state', 'error_code'],
  },
  // To whom and what is read when it is sent: an erased person's row goes, and with it the mail.
  'customers.mail_outbox': {
    reach: [{ id: 'contact_id', type: { is: 'contacts' } }],
    free: ['state', 'error_code'],
  },
  'customers.onboardings': { free: ['state', 'stopped_because'] },
  'customers.onboarding_steps': { free: ['step', 'state', 'code'] },
  // An organisation's own words, which may name one of its people.
  'customers.onboarding_settings': { mentions: ['mail_subject', 'mail_body'], free: ['saved_by'] },
  // Parts and prices; what people wrote is not told.
  'customers.waiting_advice': { free: ['recommendation_id', 'account_id', 'told'] },
  // Colleagues of the portal's own organisation: found by their address.
  'customers.owners': { holds: ['email', 'name'], free: ['external_id'] },
  // Companies and deals are no persons. What they say may name one.
  'customers.companies': {
    mentions: ['name', 'properties'],
    free: ['external_id', 'normal_name', 'domain', 'match_domain', 'industry', 'lifecycle_stage', 'kind'],
  },
  'customers.deals': {
    mentions: ['name', 'properties'],
    free: ['external_id', 'currency', 'pipeline', 'stage', 'previous_stage', 'company_external_id'],
  },
  'customers.customers': {
    free: [
      'name',
      'normal_name',
      'domain',
      'industry',
      'lifecycle_stage',
      'kind',
      'name_key',
      'search_text',
      'told_accounts',
      'health_trend',
      'mrr_currency',
      'month_spend_currency',
      'open_deals_currency',
    ],
  },
  'customers.golden_rules': { free: ['rules', 'set_by'] },
  'customers.twin_policies': { free: ['systems', 'conditions'] },
  'customers.golden_turns': { free: ['state'] },
  // What a company is called, its number and its address, as it is told.
  'customers.pinned_fields': { free: ['field', 'value', 'pinned_by'] },
  'customers.identities': {
    free: [
      'system',
      'account_id',
      'external_id',
      'integration_id',
      'linked_by',
      'linked_before',
      'name',
      'normal_name',
      'domain',
      'match_domain',
      // Companies' switchboards, as keyed marks.
      'phones',
      'place',
      'country',
      'ban',
      'tokens',
      'name_core',
      'near_keys',
      'source',
    ],
  },
  // Numbers that businesses have on the network, as keyed marks.
  'customers.account_numbers': { free: ['number_id', 'ban', 'mark'] },
  // What two companies' records say, side by side; why somebody set a pair apart are a user's own words.
  'customers.identity_candidates': {
    mentions: ['reason'],
    free: [
      'a_system',
      'a_account_id',
      'b_system',
      'b_account_id',
      'kind',
      'verdict',
      'waterfall',
      'reasons',
      'model',
      'facts',
      'state',
      'decided_by',
    ],
  },
  'customers.identity_due': { free: ['system', 'account_id', 'step'] },
  'customers.identity_words': { free: ['token', 'source'] },
  'customers.integrations': {
    // A rule says what a property has to be, and that may be somebody's address.
    mentions: ['inclusion'],
    free: [
      'name',
      'base_url',
      'hub_domain',
      'portal_id',
      'currency',
      'time_zone',
      'token_sealed',
      'known_since',
      'status',
      'properties',
      'granted_scopes',
      'lacking_scopes',
      'direction',
      'frequency',
      'last_error',
      'wanted_run',
      'timeline_kinds',
    ],
  },
  'customers.stages': {
    free: ['type', 'pipeline_id', 'stage_id', 'pipeline_label', 'label', 'renewal_stage'],
  },
  'customers.renewal_stages': { free: ['pipeline_id', 'stage_id', 'renewal_stage'] },
  'customers.company_kinds': { free: ['property', 'value', 'kind'] },
  'customers.rule_versions': { free: ['rules'] },
  // Numbers and ids of requests.
  'customers.rfqs': {
    free: ['account_id', 'number', 'c3_rfq_id', 'number_key', 'c3_key', 'status', 'currency'],
  },
  'customers.rfq_mentions': { free: ['kind', 'name', 'source'] },
  'customers.rfq_deals': { free: ['state', 'linked_by'] },
  // Insights names no persons.
  'customers.insight_fields': { free: ['field', 'value'] },
  'customers.assignment_rules': { free: ['territories', 'industries'] },
  'customers.raised': { free: ['reason', 'about', 'record_type'] },
  // A portal's own words for its properties, and how people of the organisation map them: no word of any record.
  // Telephone numbers of companies, and what they are for.
  'customers.own_records': { free: ['type', 'external_id', 'properties', 'waits_for'] },
  // What somebody posts may name a person, such as the subject of a ticket.
  'customers.timeline_events': { mentions: ['tokens'], free: ['kind', 'state', 'way', 'problem'] },
  'customers.timeline_told': {
    free: ['subject', 'id', 'state', 'ban', 'street_mark', 'street_sealed'],
  },
  'customers.usage_days': { free: ['ban', 'currency'] },
  'customers.alert_tickets': { free: ['alert_id'] },
  'customers.portal_objects': { free: ['type', 'object_type_id'] },
  'customers.portal_properties': {
    free: [
      'type',
      'name',
      'label',
      'description',
      'kind',
      'field_type',
      'group_name',
      'options',
      'retyped_from',
    ],
  },
  'customers.property_changes': { free: ['type', 'property', 'label', 'change', 'was', 'becomes'] },
  'customers.field_mappings': { free: ['type', 'fields', 'paused', 'updated_by'] },
  'customers.policies': { free: ['rules', 'saved_by'] },
  'customers.rederivations': { free: ['type', 'fields', 'state'] },
  'customers.credentials': { free: ['mode', 'access_sealed', 'refresh_sealed'] },
  'customers.renewals': { free: ['sealed_by'] },
  'customers.connection_attempts': {
    free: [
      'state_hash',
      'browser_hash',
      'principal_kind',
      'principal_id',
      'name',
      'capabilities',
      'portal_hint',
    ],
  },
  'customers.pauses': { free: ['direction', 'type'] },
  'customers.suppression_keys': { free: ['key_sealed'] },
  'customers.suppressions': { free: ['hash', 'kind'] },
  'sync.runs': {
    free: ['mode', 'state', 'priority', 'purpose', 'hold', 'allowed', 'error_code', 'error'],
  },
  'sync.leaving': { ...linked, holds: ['external_id'], free: ['type', 'reason'] },
  'sync.plans': { free: ['kind', 'mode', 'types', 'made_by', 'hash', 'counts', 'approved_by'] },
  'sync.plan_items': {
    ...linked,
    holds: ['external_id', 'survivor_id', 'done_with'],
    mentions: ['fields', 'moved_to'],
    free: ['direction', 'type', 'action', 'reason', 'ours', 'fingerprint', 'state'],
  },
  'sync.checkpoints': { free: ['type', 'phase', 'cursor'] },
  'sync.watermarks': { free: ['type'] },
  'sync.rate_buckets': { free: ['bucket'] },
  'sync.rate_log': { free: ['bucket'] },
  // Events carry ids, never names, addresses or numbers; a test searches them.
  'events.recorded': { free: ['key', 'name', 'payload'] },
  // Traces of requests are the gateway's, or 32 digits that operators' programs send.
  'events.outbox': { free: ['trace'] },
  'events.batches': { free: ['trace'] },
  'events.parked': { free: ['consumer', 'source', 'key', 'name', 'payload', 'reason'] },
  'events.cursors': { free: ['consumer', 'source', 'names', 'stamp'] },
  'events.head': { free: ['stamp'] },
  'events.marks': { free: ['consumer', 'source', 'stamp'] },
  // The hub's own name of a request, and not the key that its caller gave it.
  'service.done_requests': { free: ['key', 'attempt'] },
  // The act and not the data: personal values are masked before they get here.
  'service.audit_log': {
    free: [
      ...['who_kind', 'who_id', 'action', 'subject_type', 'subject_id', 'diff'],
      ...['door', 'trace_id', 'idempotency_key'],
    ],
  },
}
