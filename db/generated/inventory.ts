// Made by db/generate.ts from the migrations of the inventory database. Do not edit.

import type { ColumnType } from "kysely";

export type Generated<T> = T extends ColumnType<infer S, infer I, infer U>
  ? ColumnType<S, I | undefined, U>
  : ColumnType<T, T | undefined, T>;

export type Json = JsonValue;

export type JsonArray = JsonValue[];

export type JsonObject = {
  [x: string]: JsonValue | undefined;
};

export type JsonPrimitive = boolean | number | string | null;

export type JsonValue = JsonArray | JsonObject | JsonPrimitive;

export type Numeric = ColumnType<string, number | string, number | string>;

export type Timestamp = ColumnType<Date, Date | string, Date | string>;

export interface C3Inventory {
  c3_cost_per_unit: Numeric | null;
  c3_last_sync: Timestamp | null;
  c3_stock_id: string | null;
  component_id: string | null;
  cost_per_unit: Numeric | null;
  created_at: Timestamp | null;
  date_code: string | null;
  id: string | null;
  location: string | null;
  lot_code: string | null;
  org_id: string | null;
  quantity_available: number | null;
  quantity_reserved: number | null;
  sync_status: string | null;
  updated_at: Timestamp | null;
}

export interface C3Rfqs {
  ai_recommendations: Json | null;
  c3_last_sync: Timestamp | null;
  c3_quote_id: string | null;
  c3_rfq_id: string | null;
  c3_status: string | null;
  created_at: Timestamp | null;
  customer_id: string | null;
  id: string | null;
  org_id: string | null;
  rfq_number: string | null;
  status: string | null;
  sync_conflict: boolean | null;
  sync_status: string | null;
}

export interface EventsBatches {
  first_pos: number;
  id: number;
  last_pos: number;
  logged_at: Timestamp;
  org_id: string;
  trace: string | null;
}

export interface EventsCursors {
  consumer: string;
  epoch: number;
  /**
   * Empty: every event.
   */
  names: Generated<string[]>;
  pos: number | null;
  seen: number | null;
  source: string;
  stamp: string | null;
}

export interface EventsEventLog {
  key: string | null;
  logged_at: Timestamp | null;
  name: string | null;
  occurred_at: Timestamp | null;
  org_id: string | null;
  payload: Json | null;
  pos: number | null;
  version: number | null;
}

export interface EventsHead {
  oldest: number;
  one: Generated<number>;
  pos: number;
  /**
   * The stamp of the position before the oldest one kept; null while that is not known.
   */
  stamp: string | null;
}

export interface EventsMarks {
  consumer: string;
  org_id: string;
  parked: Generated<number>;
  pos: number;
  source: string;
  stamp: string | null;
}

export interface EventsOrganisations {
  org_id: string;
}

export interface EventsOutbox {
  id: Generated<number>;
  org_id: string;
  size: number;
  /**
   * As W3C Trace Context writes it; null for what no request led to.
   */
  trace: string | null;
}

export interface EventsParked {
  consumer: string;
  id: Generated<number>;
  key: string;
  name: string;
  occurred_at: Timestamp;
  org_id: string;
  parked_at: Timestamp;
  payload: Json;
  pos: number;
  reason: string | null;
  source: string;
  tries: Generated<number>;
  version: number;
}

export interface EventsRecorded {
  batch: number;
  key: string;
  name: string;
  occurred_at: Timestamp;
  org_id: string;
  payload: Json;
  place: number;
  version: number;
}

export interface InventoryAcceptedLevels {
  component_id: string;
  former_order_quantity: number | null;
  former_recommendation_id: string | null;
  former_reorder_point: number | null;
  org_id: string;
  recommendation_id: string;
}

export interface InventoryAccountCustomers {
  account_id: string;
  customer_id: string;
  identity_version: number;
  org_id: string;
}

export interface InventoryAdviceDue {
  id: string;
  kind: string;
  noted: Generated<number>;
  org_id: string;
}

export interface InventoryC3Accounts {
  c3_customer_id: string;
  c3_last_sync: Timestamp;
  c3_modified_at: Timestamp;
  city: string | null;
  connection_id: string;
  country: string | null;
  deleted_at: Timestamp | null;
  domain: string | null;
  id: string;
  name: string;
  org_id: string;
  phone: string | null;
}

export interface InventoryComponents {
  base_number: string | null;
  category: string | null;
  description: string | null;
  family: string | null;
  id: string;
  lifecycle: string | null;
  manufacturer: string;
  normal_number: string | null;
  org_id: string;
  package: string | null;
  parameters: Generated<Json>;
  part_number: string;
  search_text: string | null;
  sources: Generated<Json>;
  told: Json | null;
}

export interface InventoryIntegrations {
  account_id: string | null;
  account_name: string | null;
  api_key: string | null;
  api_version: string | null;
  asked_at: Timestamp | null;
  base_url: string;
  calls: number | null;
  calls_seconds: number | null;
  change_percent: Generated<number>;
  created_at: Timestamp;
  delete_percent: Generated<number>;
  direction: Generated<string>;
  disconnected_at: Timestamp | null;
  frequency: Generated<string>;
  id: string;
  is_guarded: Generated<boolean>;
  lacking_permissions: Generated<string[]>;
  last_error: string | null;
  last_error_at: Timestamp | null;
  last_sync_at: Timestamp | null;
  name: string;
  nightly: Generated<string>;
  org_id: string;
  permissions: string[] | null;
  settings_version: Generated<number>;
  status: string;
  sync_count: Generated<number>;
  time_zone: string | null;
  wanted_run: string | null;
  webhook_error: string | null;
  webhook_error_at: Timestamp | null;
  webhook_kinds: Generated<string[]>;
  webhook_set_at: Timestamp | null;
  webhook_url: string | null;
}

export interface InventoryInventory {
  c3_cost_per_unit: Numeric;
  c3_last_sync: Timestamp;
  c3_stock_id: string;
  component_id: string;
  connection_id: string;
  cost_per_unit: Numeric;
  created_at: Timestamp;
  currency: string;
  date_code: string | null;
  deleted_at: Timestamp | null;
  id: string;
  location: string;
  lot_code: string | null;
  org_id: string;
  oversold_since: Timestamp | null;
  /**
   * What C3 says of the part with this row, where that is not what it says of the part otherwise; null: the same
   */
  part: Json | null;
  part_number: string;
  price_breaks: Json | null;
  quantity_available: number;
  quantity_promised: Generated<number>;
  quantity_reserved: number;
  received_on: string | null;
  sync_status: string | null;
  updated_at: Timestamp;
}

export interface InventoryPartSpellings {
  account_id: string;
  chosen_at: Timestamp;
  component_id: string;
  former_component_id: string | null;
  maker: string;
  normal_number: string;
  org_id: string;
}

export interface InventoryPauses {
  direction: string;
  integration_id: string;
  org_id: string;
  paused_at: Timestamp;
  type: string;
}

export interface InventoryPolicies {
  integration_id: string;
  org_id: string;
  rules: Json;
  saved_at: Timestamp;
  saved_by: string;
  version: number;
}

export interface InventoryQuotes {
  currency: string;
  decided_at: Timestamp | null;
  lines: Json;
  made_at: Timestamp;
  made_by: string;
  number: string | null;
  org_id: string;
  outcome: string;
  reason: string | null;
  revision: number;
  rfq_id: string;
  total: Numeric;
  valid_until: Timestamp | null;
}

export interface InventoryRecommendations {
  alternative_id: string | null;
  alternative_manufacturer: string | null;
  alternative_part_number: string | null;
  amount: Numeric | null;
  c3_rfq_id: string | null;
  c3_supplier_id: string | null;
  changed_at: Timestamp;
  component_id: string | null;
  confidence: number;
  connection_id: string;
  created_at: Timestamp;
  currency: string | null;
  decided_at: Timestamp | null;
  decided_because: string | null;
  decided_by: string | null;
  evidence: Json;
  fingerprint: string;
  given_by: string | null;
  high: Numeric | null;
  id: string;
  is_latest: Generated<boolean>;
  kind: string;
  line: number | null;
  low: Numeric | null;
  manufacturer: string | null;
  method: string;
  method_version: number;
  order_quantity: number | null;
  org_id: string;
  outcome: string | null;
  outcome_at: Timestamp | null;
  outcome_currency: string | null;
  outcome_price: Numeric | null;
  outcome_quantity: number | null;
  part_number: string | null;
  push_problem: string | null;
  push_state: string | null;
  pushed_at: Timestamp | null;
  reasoning: string;
  reorder_point: number | null;
  rfq_id: string | null;
  risk: string | null;
  service_level: Numeric | null;
  severity: string | null;
  state: Generated<string>;
  subject: string;
  version: Generated<number>;
}

export interface InventoryReservations {
  c3_quantity: number;
  c3_stock_id: string;
  org_id: string;
  quantity: number;
  rfq_id: string;
  stock_id: string;
}

export interface InventoryRfqHistory {
  at: Timestamp;
  by: string;
  details: Json;
  id: string;
  kind: string;
  org_id: string;
  rfq_id: string;
}

export interface InventoryRfqLines {
  base_number: string;
  chosen_component_id: string | null;
  line: number;
  manufacturer: string | null;
  normal_number: string;
  org_id: string;
  part_number: string;
  quantity: number;
  rfq_id: string;
  target_price: Numeric | null;
  unit_price: Numeric | null;
}

export interface InventoryRfqs {
  account_id: string;
  buyer: string | null;
  c3_customer_id: string;
  c3_last_sync: Timestamp;
  c3_modified_at: Timestamp;
  c3_quote_id: string | null;
  c3_rfq_id: string;
  c3_status: string;
  connection_id: string;
  created_at: Timestamp;
  currency: string;
  deleted_at: Timestamp | null;
  due_at: Timestamp | null;
  expired_for: Timestamp | null;
  id: string;
  known_at: Timestamp | null;
  line_count: number;
  lines: Json;
  note: string | null;
  org_id: string;
  reservations: Json | null;
  rfq_number: string;
  status: string;
  total: Numeric | null;
  updated_at: Timestamp;
  version: Generated<number>;
}

export interface InventoryRfqVersions {
  connection_id: string;
  held: Json;
  org_id: string;
  rfq_id: string;
  valid_to: Timestamp;
}

export interface InventoryStockLevels {
  clears_at: number;
  component_id: string;
  is_low: boolean;
  order_quantity: number | null;
  org_id: string;
  recommendation_id: string | null;
  reorder_point: number;
  set_at: Timestamp;
}

export interface InventorySuppliers {
  c3_last_sync: Timestamp;
  c3_modified_at: Timestamp;
  c3_supplier_id: string;
  connection_id: string;
  country: string | null;
  deleted_at: Timestamp | null;
  id: string;
  is_approved: boolean;
  lead_time_days: number;
  name: string;
  on_time: Numeric | null;
  org_id: string;
}

export interface InventoryTransactions {
  account_id: string | null;
  c3_customer_id: string | null;
  c3_last_sync: Timestamp;
  c3_modified_at: Timestamp;
  c3_rfq_id: string | null;
  c3_stock_id: string | null;
  c3_supplier_id: string | null;
  c3_transaction_id: string;
  component_id: string;
  connection_id: string;
  currency: string;
  deleted_at: Timestamp | null;
  id: string;
  kind: string;
  manufacturer: string;
  occurred_at: Timestamp;
  org_id: string;
  part_number: string;
  quantity: number;
  rfq_id: string | null;
  rfq_line: number | null;
  supplier_id: string | null;
  unit_cost: Numeric | null;
  unit_price: Numeric;
}

export interface InventoryWebhookDays {
  applied: number;
  day: string;
  deliveries: number;
  duplicates: number;
  events: number;
  ignored: number;
  integration_id: string;
  latency_ms: number;
  org_id: string;
}

export interface InventoryWebhookDeliveries {
  account_id: string;
  applied_at: Timestamp | null;
  attempt: number;
  delivery_id: string;
  duplicate_count: number;
  event_count: number;
  events: Json;
  id: string;
  ignored_count: number;
  integration_id: string;
  noted_at: Timestamp;
  oldest_event_at: Timestamp | null;
  org_id: string;
  raw_sealed: string | null;
  received_at: Timestamp;
  records: Json;
  replayed_at: Timestamp | null;
  status: string;
}

export interface InventoryWebhookEvents {
  hash: Buffer;
  integration_id: string;
  org_id: string;
  received_at: Timestamp;
  seen: number;
}

export interface InventoryWebhookSecrets {
  ends_at: Timestamp | null;
  id: string;
  integration_id: string;
  made_at: Timestamp;
  org_id: string;
  secret_sealed: string;
  set_at: Timestamp | null;
}

export interface ServiceAuditLog {
  action: string;
  at: Timestamp;
  diff: Json;
  door: string | null;
  id: Generated<number>;
  idempotency_key: string | null;
  org_id: string;
  subject_id: string;
  subject_type: string;
  trace_id: string | null;
  who_id: string;
  who_kind: string;
}

export interface ServiceDoneRequests {
  at: Timestamp;
  attempt: string;
  key: string;
  org_id: string;
}

export interface SyncAlerts {
  code: string;
  connection_id: string;
  org_id: string;
  raised_at: Timestamp;
  subject: string;
  type: string;
}

export interface SyncAliases {
  at: Timestamp;
  connection_id: string;
  external_id: string;
  org_id: string;
  survivor_id: string;
  type: string;
}

export interface SyncCheckpoints {
  api_calls: Generated<number>;
  complete: Generated<boolean>;
  conflicts: Generated<number>;
  created: Generated<number>;
  cursor: string | null;
  deleted: Generated<number>;
  done: Generated<number>;
  failed: Generated<number>;
  org_id: string;
  phase: string;
  run_id: string;
  skipped: Generated<number>;
  total: number | null;
  type: string;
  updated: Generated<number>;
  watermark: Timestamp | null;
}

export interface SyncDeadLetters {
  attempts: number;
  closed_at: Timestamp | null;
  code: string;
  connection_id: string;
  direction: Generated<string>;
  dismissed_because: string | null;
  external_id: string;
  first_failed_at: Timestamp;
  guidance: string;
  id: string;
  last_failed_at: Timestamp;
  org_id: string;
  reason: string;
  replayed_at: Timestamp | null;
  state: Generated<string>;
  type: string;
}

export interface SyncDecisions {
  base: Json;
  chosen: Json | null;
  closed_at: Timestamp | null;
  connection_id: string;
  decided_at: Timestamp;
  external_id: string;
  field: string;
  id: string;
  local_id: string;
  moved_at: Timestamp | null;
  org_id: string;
  ours: Json;
  ours_at: Timestamp | null;
  outcome: string;
  policy: string;
  policy_version: number;
  run_id: string | null;
  settled_by: Generated<string>;
  theirs: Json;
  theirs_at: Timestamp | null;
  type: string;
  version: Generated<number>;
  would: string | null;
}

export interface SyncDrift {
  at: Timestamp;
  connection_id: string;
  external_id: string;
  fields: string[];
  kind: string;
  org_id: string;
  overlooked: boolean | null;
  run_id: string;
  type: string;
}

export interface SyncLeaving {
  connection_id: string;
  external_id: string;
  found_at: Timestamp;
  org_id: string;
  reason: string;
  run_id: string;
  type: string;
}

export interface SyncLinks {
  base: Json | null;
  connection_id: string;
  external_id: string;
  external_modified: Timestamp | null;
  gone_at: Timestamp | null;
  gone_reason: string | null;
  last_synced_at: Timestamp;
  lineage: Json;
  local_id: string;
  org_id: string;
  seen_run: string;
  sync_count: Generated<number>;
  type: string;
}

export interface SyncLogs {
  at: Timestamp;
  code: string | null;
  connection_id: string;
  created: Generated<number>;
  deleted: Generated<number>;
  direction: Generated<string>;
  duration_ms: number;
  enrichments: Generated<Json>;
  external_id: string | null;
  failed: Generated<number>;
  guidance: string | null;
  id: string;
  operation: string;
  org_id: string;
  reason: string | null;
  records: Generated<number>;
  run_id: string | null;
  started_at: Timestamp | null;
  status: string;
  type: string;
  updated: Generated<number>;
}

export interface SyncOutgoing {
  attempts: Generated<number>;
  connection_id: string;
  due_at: Timestamp;
  error_code: string | null;
  local_id: string;
  noted: Generated<number>;
  noted_at: Timestamp;
  org_id: string;
  /**
   * Of the newest request that led to it, as W3C Trace Context writes it; null when none did.
   */
  trace: string | null;
  type: string;
  urgent: Generated<boolean>;
}

export interface SyncOutgoingLanes {
  connection_id: string;
  failures: Generated<number>;
  lease_until: Timestamp | null;
  org_id: string;
  rest_until: Timestamp | null;
  served_at: Timestamp | null;
  sweep_again_at: Timestamp | null;
  sweep_run_id: string | null;
  swept_at: Timestamp | null;
  token: Generated<number>;
  type: string;
}

export interface SyncPlanItems {
  action: string;
  connection_id: string;
  direction: string;
  done_with: string;
  external_id: string;
  fields: Json;
  fingerprint: string;
  local_id: string | null;
  moved_to: Json | null;
  org_id: string;
  ours: string | null;
  plan_id: string;
  reason: string | null;
  source_at: Timestamp | null;
  state: Generated<string>;
  survivor_id: string | null;
  type: string;
}

export interface SyncPlans {
  api_calls: Generated<number>;
  apply_run_id: string | null;
  approved_at: Timestamp | null;
  approved_by: string | null;
  checked_at: Timestamp | null;
  connection_id: string;
  counts: Generated<Json>;
  expires_at: Timestamp;
  hash: string | null;
  id: string;
  kind: string;
  made_at: Timestamp;
  made_by: string;
  mode: string;
  moved_at: Timestamp | null;
  org_id: string;
  run_id: string;
  types: string[];
  undoes: string | null;
}

export interface SyncPushApprovals {
  approved_at: Timestamp;
  connection_id: string;
  org_id: string;
  plan_id: string | null;
}

export interface SyncRateBuckets {
  banned_until: Timestamp | null;
  bucket: string;
  interactive_at: Timestamp | null;
  interval_ms: number;
  last_call: Generated<number>;
  max: number;
  remaining: number | null;
  remaining_at: Timestamp | null;
  remaining_of: number | null;
}

export interface SyncRateLog {
  at: Timestamp;
  bucket: string;
  call: number;
}

export interface SyncRuns {
  allowed: Generated<Json>;
  attempts: Generated<number>;
  cancel_requested: Generated<boolean>;
  connection_id: string;
  error: string | null;
  error_code: string | null;
  finished_at: Timestamp | null;
  hold: Json | null;
  id: string;
  lease_until: Timestamp | null;
  mode: string;
  not_before: Timestamp | null;
  org_id: string;
  plan_id: string | null;
  priority: Generated<string>;
  purpose: Generated<string>;
  requested_at: Timestamp;
  started_at: Timestamp | null;
  state: Generated<string>;
  token: Generated<number>;
}

export interface SyncSchedules {
  connection_id: string;
  daily_minute: number | null;
  every_ms: number | null;
  last_at: Timestamp | null;
  last_result: string | null;
  last_run_id: string | null;
  last_slot: Timestamp | null;
  look_at: Timestamp;
  name: string;
  next_at: Timestamp;
  org_id: string;
  paused_because: string | null;
  time_zone: string | null;
}

export interface SyncSignalLanes {
  connection_id: string;
  failures: Generated<number>;
  lease_until: Timestamp | null;
  org_id: string;
  rest_until: Timestamp | null;
  served_at: Timestamp | null;
  sweep_again_at: Timestamp | null;
  sweep_run_id: string | null;
  swept_at: Timestamp | null;
  token: Generated<number>;
  type: string;
}

export interface SyncSignals {
  attempts: Generated<number>;
  changed_at: Timestamp | null;
  connection_id: string;
  due_at: Timestamp;
  error_code: string | null;
  external_id: string;
  has_links: Generated<boolean>;
  noted: Generated<number>;
  noted_at: Timestamp;
  org_id: string;
  type: string;
  urgent: Generated<boolean>;
}

export interface SyncStandings {
  connection_id: string | null;
  contested: boolean | null;
  external_id: string | null;
  gone_at: Timestamp | null;
  last_synced_at: Timestamp | null;
  local_id: string | null;
  org_id: string | null;
  state: string | null;
  type: string | null;
}

export interface SyncWatermarks {
  connection_id: string;
  modified_at: Timestamp;
  org_id: string;
  run_id: string;
  type: string;
}

export interface SyncWrites {
  answered_at: Timestamp | null;
  connection_id: string;
  error_code: string | null;
  external_id: string | null;
  fields: Json;
  gives_back: Generated<boolean>;
  id: string;
  local_id: string;
  modified_at: Timestamp | null;
  operation: string;
  org_id: string;
  run_id: string | null;
  state: string;
  type: string;
  unlooked: Json | null;
  written_at: Timestamp;
}

export interface DB {
  "c3.inventory": C3Inventory;
  "c3.rfqs": C3Rfqs;
  "events.batches": EventsBatches;
  "events.cursors": EventsCursors;
  "events.event_log": EventsEventLog;
  "events.head": EventsHead;
  "events.marks": EventsMarks;
  "events.organisations": EventsOrganisations;
  "events.outbox": EventsOutbox;
  "events.parked": EventsParked;
  "events.recorded": EventsRecorded;
  "inventory.accepted_levels": InventoryAcceptedLevels;
  "inventory.account_customers": InventoryAccountCustomers;
  "inventory.advice_due": InventoryAdviceDue;
  "inventory.c3_accounts": InventoryC3Accounts;
  "inventory.components": InventoryComponents;
  "inventory.integrations": InventoryIntegrations;
  "inventory.inventory": InventoryInventory;
  "inventory.part_spellings": InventoryPartSpellings;
  "inventory.pauses": InventoryPauses;
  "inventory.policies": InventoryPolicies;
  "inventory.quotes": InventoryQuotes;
  "inventory.recommendations": InventoryRecommendations;
  "inventory.reservations": InventoryReservations;
  "inventory.rfq_history": InventoryRfqHistory;
  "inventory.rfq_lines": InventoryRfqLines;
  "inventory.rfq_versions": InventoryRfqVersions;
  "inventory.rfqs": InventoryRfqs;
  "inventory.stock_levels": InventoryStockLevels;
  "inventory.suppliers": InventorySuppliers;
  "inventory.transactions": InventoryTransactions;
  "inventory.webhook_days": InventoryWebhookDays;
  "inventory.webhook_deliveries": InventoryWebhookDeliveries;
  "inventory.webhook_events": InventoryWebhookEvents;
  "inventory.webhook_secrets": InventoryWebhookSecrets;
  "service.audit_log": ServiceAuditLog;
  "service.done_requests": ServiceDoneRequests;
  "sync.alerts": SyncAlerts;
  "sync.aliases": SyncAliases;
  "sync.checkpoints": SyncCheckpoints;
  "sync.dead_letters": SyncDeadLetters;
  "sync.decisions": SyncDecisions;
  "sync.drift": SyncDrift;
  "sync.leaving": SyncLeaving;
  "sync.links": SyncLinks;
  "sync.logs": SyncLogs;
  "sync.outgoing": SyncOutgoing;
  "sync.outgoing_lanes": SyncOutgoingLanes;
  "sync.plan_items": SyncPlanItems;
  "sync.plans": SyncPlans;
  "sync.push_approvals": SyncPushApprovals;
  "sync.rate_buckets": SyncRateBuckets;
  "sync.rate_log": SyncRateLog;
  "sync.runs": SyncRuns;
  "sync.schedules": SyncSchedules;
  "sync.signal_lanes": SyncSignalLanes;
  "sync.signals": SyncSignals;
  "sync.standings": SyncStandings;
  "sync.watermarks": SyncWatermarks;
  "sync.writes": SyncWrites;
}
