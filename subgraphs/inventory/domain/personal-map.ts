/**
 * Where this subgraph's own tables keep data of persons: every column that could hold some is here, as one of
 * - *holds*: a person's own data, or words in which one may be named; what is left of it when its connection leaves nothing behind
 * - *free*: names and ids of parts, companies and connections, words of the hub, times, counts, hashes, sealed secrets
 * A test compares it with the database's own catalogue: whoever adds a column decides here what it is. The tables of the engine are
 * the same in every database: what they keep of these fields goes with them.
 */
import type { RecordType } from './kinds.ts'

export interface TableMap {
  /** The kind of record that a row is, or tells of: its columns are named as C3 names the fields. */
  of?: RecordType
  holds?: Readonly<Record<string, string | null>>
  /** Rows that hold what records said before: they go whole. */
  former?: readonly string[]
  free?: readonly string[]
}

export const PERSONAL_MAP: Readonly<Record<string, TableMap>> = {
  'inventory.c3_accounts': {
    of: 'customers',
    // A customer of C3 may be one person.
    holds: { name: '', domain: null, phone: null, city: null, country: null },
    free: ['c3_customer_id'],
  },
  'inventory.account_customers': { free: ['customer_id'] },
  'inventory.rfqs': {
    of: 'rfqs',
    holds: { buyer: null, note: null },
    free: [
      ...['rfq_number', 'c3_customer_id', 'c3_quote_id', 'c3_rfq_id', 'c3_status', 'status', 'currency'],
      ...['lines', 'reservations'],
    ],
  },
  'inventory.rfq_versions': { of: 'rfqs', former: ['held'] },
  // Ids, numbers and codes.
  'inventory.rfq_history': { free: ['by', 'kind', 'details'] },
  'inventory.rfq_lines': { free: ['base_number', 'manufacturer', 'normal_number', 'part_number'] },
  'inventory.quotes': { free: ['currency', 'lines', 'made_by', 'number', 'outcome', 'reason'] },
  'inventory.reservations': { free: ['c3_stock_id'] },
  'inventory.inventory': {
    free: [
      ...['c3_stock_id', 'currency', 'date_code', 'location', 'lot_code', 'part', 'part_number'],
      ...['price_breaks', 'sync_status'],
    ],
  },
  'inventory.components': {
    free: [
      ...['part_number', 'normal_number', 'base_number', 'manufacturer', 'description', 'category', 'family'],
      ...['package', 'lifecycle', 'parameters', 'search_text', 'sources', 'told'],
    ],
  },
  'inventory.part_spellings': { free: ['maker', 'normal_number'] },
  // Companies that sell parts.
  'inventory.suppliers': { free: ['c3_supplier_id', 'country', 'name'] },
  'inventory.transactions': {
    free: [
      ...['c3_transaction_id', 'c3_customer_id', 'c3_rfq_id', 'c3_stock_id', 'c3_supplier_id', 'kind'],
      ...['currency', 'manufacturer', 'part_number'],
    ],
  },
  // Of parts, prices and suppliers, by the hub or whoever advises.
  'inventory.recommendations': {
    free: [
      ...['kind', 'subject', 'method', 'fingerprint', 'given_by', 'part_number', 'manufacturer', 'risk'],
      ...[
        'alternative_part_number',
        'alternative_manufacturer',
        'severity',
        'currency',
        'reasoning',
        'evidence',
      ],
      ...[
        'state',
        'decided_by',
        'decided_because',
        'outcome',
        'outcome_currency',
        'push_state',
        'push_problem',
      ],
      ...['c3_rfq_id', 'c3_supplier_id'],
    ],
  },
  'inventory.advice_due': { free: ['kind'] },
  'inventory.integrations': {
    free: [
      ...['name', 'base_url', 'api_key', 'status', 'account_id', 'account_name', 'api_version', 'time_zone'],
      ...[
        'permissions',
        'lacking_permissions',
        'direction',
        'frequency',
        'nightly',
        'last_error',
        'wanted_run',
      ],
      ...['webhook_url', 'webhook_error', 'webhook_kinds'],
    ],
  },
  'inventory.policies': { free: ['rules', 'saved_by'] },
  'inventory.pauses': { free: ['direction', 'type'] },
  // What C3 posted says which records changed, and nothing of what they say.
  'inventory.webhook_deliveries': {
    free: ['account_id', 'delivery_id', 'events', 'raw_sealed', 'records', 'status'],
  },
  'inventory.webhook_events': { free: ['hash'] },
  'inventory.webhook_secrets': { free: ['secret_sealed'] },
}
