// Made by db/generate.ts from the migrations of the telephony database. Do not edit.

import type { ColumnType } from "kysely";

export type ArrayType<T> = ArrayTypeImpl<T> extends (infer U)[]
  ? U[]
  : ArrayTypeImpl<T>;

export type ArrayTypeImpl<T> = T extends ColumnType<infer S, infer I, infer U>
  ? ColumnType<S[], I[], U[]>
  : T[];

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

export interface TelephonyAccountCustomers {
  ban: string;
  customer_id: string;
  identity_version: number;
  org_id: string;
}

export interface TelephonyAccountRatePlans {
  ban: string;
  from_month: string;
  org_id: string;
  plan_id: string | null;
  set_at: Timestamp;
  version: number | null;
}

export interface TelephonyActiveCalls {
  ahead_to: Timestamp | null;
  at: Timestamp;
  ban: string;
  calls: number;
  org_id: string;
  trunk_id: string;
}

export interface TelephonyAlerts {
  acknowledged_at: Timestamp | null;
  acknowledged_by: string | null;
  ban: string;
  bound: Numeric;
  closed_at: Timestamp | null;
  closed_value: Numeric | null;
  currency: string | null;
  due_at: Timestamp;
  id: string;
  limit: Numeric | null;
  measure: string;
  opened_at: Timestamp;
  org_id: string;
  percent: number | null;
  severity: string;
  trunk_id: string | null;
  value: Numeric;
}

export interface TelephonyBilledMonths {
  began: Timestamp;
  ended: Timestamp;
  month: string;
  org_id: string;
}

export interface TelephonyBillingAccounts {
  api_enabled: Generated<boolean>;
  ban: string;
  closed_at: Timestamp | null;
  contract_end: string | null;
  created_at: Timestamp;
  credit_limit: Numeric;
  credit_limits_set: Generated<ArrayType<Numeric>>;
  currency: string;
  domain: string | null;
  has_credit_limit: Generated<boolean>;
  mrr: Numeric;
  name: string;
  opened_for: string | null;
  org_id: string;
  payment_method: string;
  payment_status: string;
  payment_terms: string;
  sms_enabled: Generated<boolean>;
  status: string;
  suspended_because: string | null;
  tier: string;
  updated_at: Timestamp;
  version: Generated<number>;
}

export interface TelephonyBrands {
  ban: string;
  created_at: Timestamp;
  display_name: string;
  id: string;
  kind: string;
  org_id: string;
  reason: string | null;
  status: string;
  tcr_brand_id: string | null;
  updated_at: Timestamp;
  vertical: string;
  website: string | null;
}

export interface TelephonyCampaignNumbers {
  campaign_id: string;
  number_id: string;
  org_id: string;
}

export interface TelephonyCampaigns {
  ban: string;
  brand_id: string;
  created_at: Timestamp;
  description: string;
  id: string;
  org_id: string;
  reason: string | null;
  sample_messages: string[];
  status: string;
  tcr_campaign_id: string | null;
  updated_at: Timestamp;
  use_case: string;
}

export interface TelephonyCompanyCredits {
  amount: Numeric | null;
  ban: string | null;
  company_id: string;
  currency: string | null;
  customer_id: string;
  given_to: string | null;
  is_gone: boolean;
  may_be_ours: boolean;
  org_id: string;
  pos: number;
  refused: string | null;
  said_pos: number;
}

export interface TelephonyCreditRules {
  currency: string;
  org_id: string;
  per_call: Numeric | null;
  updated_at: Timestamp;
  version: number;
}

export interface TelephonyCreditSharing {
  after_ban: string;
  org_id: string;
  who_id: string;
  who_kind: string;
}

export interface TelephonyFirstCalls {
  ban: string;
  called_at: Timestamp;
  observed_at: Timestamp;
  org_id: string;
  trunk_id: string;
}

export interface TelephonyFreshUsage {
  ban: string;
  is_counted: Generated<boolean>;
  is_judged: boolean;
  org_id: string;
  reach: Timestamp;
  revision: Generated<number>;
  slot: Timestamp;
}

export interface TelephonyGrowthMonths {
  closed: number;
  currency: string;
  live_at_begin: number;
  month: string;
  mrr_begin: Numeric;
  mrr_churned: Numeric;
  mrr_contraction: Numeric;
  mrr_expansion: Numeric;
  mrr_new: Numeric;
  opened: number;
  org_id: string;
  seconds: number;
  seconds_before: number;
}

export interface TelephonyInvoiceLines {
  amount: Numeric;
  class: string | null;
  included: Generated<Numeric>;
  invoice_id: string;
  kind: string;
  number_type: string | null;
  of_month: string;
  org_id: string;
  position: number;
  quantity: Numeric;
}

export interface TelephonyInvoices {
  ban: string;
  currency: string;
  due_on: string;
  id: string;
  issued_at: Timestamp;
  month: string;
  number: string;
  org_id: string;
  paid_on: string | null;
  status: string;
  total: Numeric;
  updated_at: Timestamp;
  void_reason: string | null;
}

export interface TelephonyMrrDays {
  ban: string;
  currency: string;
  day: string;
  mrr: Numeric;
  org_id: string;
  status: string;
}

export interface TelephonyNights {
  after_ban: string | null;
  org_id: string;
  task: string;
  until: string;
}

export interface TelephonyNumberPrices {
  monthly_cost: Numeric;
  number_id: string;
  org_id: string;
  until: Timestamp;
}

export interface TelephonyNumbers {
  ban: string;
  capabilities: string[];
  cnam: string | null;
  created_at: Timestamp;
  currency: string;
  e911_address: string | null;
  e911_hash: string | null;
  e911_reason: string | null;
  e911_status: Generated<string>;
  id: string;
  monthly_cost: Numeric;
  number: string;
  org_id: string;
  origin: Generated<string>;
  ported_at: Timestamp | null;
  released_at: Timestamp | null;
  resp_org: Generated<string>;
  status: Generated<string>;
  trunk_id: string | null;
  type: string;
  updated_at: Timestamp;
  version: Generated<number>;
}

export interface TelephonyOnboardings {
  ban: string | null;
  customer_id: string;
  onboarding_id: string;
  org_id: string;
  trunk_id: string | null;
}

export interface TelephonyOrganisations {
  org_id: string;
  time_zone: string;
}

export interface TelephonyPortOrderNumbers {
  is_open: boolean;
  number_id: string;
  org_id: string;
  port_order_id: string;
}

export interface TelephonyPortOrders {
  agreed_on: string | null;
  ban: string;
  carrier: string;
  created_at: Timestamp;
  direction: string;
  id: string;
  org_id: string;
  reason: string | null;
  status: string;
  updated_at: Timestamp;
  version: Generated<number>;
  wanted_on: string | null;
}

export interface TelephonyRatePlans {
  created_at: Timestamp;
  currency: string;
  id: string;
  name: string;
  org_id: string;
  retired_at: Timestamp | null;
  updated_at: Timestamp;
  version: number;
}

export interface TelephonyRatePlanVersions {
  created_at: Timestamp;
  org_id: string;
  plan_id: string;
  terms: Json;
  version: number;
}

export interface TelephonySpendLimits {
  amount: Numeric;
  ban: string;
  org_id: string;
}

export interface TelephonyThresholds {
  ban: string;
  bound: Numeric;
  changed_at: Timestamp;
  is_on: boolean;
  measure: string;
  min_calls: number | null;
  org_id: string;
  severity: string;
  slack: Numeric;
}

export interface TelephonyTrunkHours {
  ban: string;
  counted_peak: number | null;
  org_id: string;
  slot: Timestamp;
  told_peak: number | null;
  trunk_id: string;
}

export interface TelephonyTrunks {
  allowed_calls: number;
  ban: string;
  codecs: Generated<string[]>;
  concurrent_calls: number;
  created_at: Timestamp;
  id: string;
  ip_addresses: string[];
  monthly_minutes: number;
  name: string;
  org_id: string;
  partition_id: string;
  status: string;
  suspended_with_account: Generated<boolean>;
  updated_at: Timestamp;
  version: Generated<number>;
}

export interface TelephonyUntoldUsage {
  ban: string;
  calls: number;
  completed: number;
  messages: number;
  org_id: string;
  seconds: number;
  trunk_id: string;
}

export interface TelephonyUsageDays {
  ban: string;
  calls: number;
  class: number;
  completed: number;
  messages: number;
  org_id: string;
  seconds: number;
  slot: Timestamp;
  trunk_id: string;
}

export interface TelephonyUsageDaysTold {
  ban: string;
  calls: number;
  day: string;
  messages: number;
  org_id: string;
  told_at: Timestamp;
}

export interface TelephonyUsageHours {
  ban: string;
  calls: number;
  class: number;
  completed: number;
  messages: number;
  org_id: string;
  seconds: number;
  slot: Timestamp;
  trunk_id: string;
}

export interface TelephonyUsageQuarters {
  ban: string;
  calls: number;
  class: number;
  completed: number;
  messages: number;
  org_id: string;
  seconds: number;
  slot: Timestamp;
  trunk_id: string;
}

export interface TelephonyUsageRecords {
  answered: boolean;
  ban: string;
  class: number;
  id: string;
  kind: number;
  org_id: string;
  seconds: number;
  started_at: Timestamp;
  trunk_id: string;
}

export interface TelephonyWatched {
  after_ban: string | null;
  org_id: string;
  ticked_at: Timestamp | null;
  ticking: Timestamp | null;
}

export interface DB {
  "events.batches": EventsBatches;
  "events.cursors": EventsCursors;
  "events.event_log": EventsEventLog;
  "events.head": EventsHead;
  "events.marks": EventsMarks;
  "events.organisations": EventsOrganisations;
  "events.outbox": EventsOutbox;
  "events.parked": EventsParked;
  "events.recorded": EventsRecorded;
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
  "telephony.account_customers": TelephonyAccountCustomers;
  "telephony.account_rate_plans": TelephonyAccountRatePlans;
  "telephony.active_calls": TelephonyActiveCalls;
  "telephony.alerts": TelephonyAlerts;
  "telephony.billed_months": TelephonyBilledMonths;
  "telephony.billing_accounts": TelephonyBillingAccounts;
  "telephony.brands": TelephonyBrands;
  "telephony.campaign_numbers": TelephonyCampaignNumbers;
  "telephony.campaigns": TelephonyCampaigns;
  "telephony.company_credits": TelephonyCompanyCredits;
  "telephony.credit_rules": TelephonyCreditRules;
  "telephony.credit_sharing": TelephonyCreditSharing;
  "telephony.first_calls": TelephonyFirstCalls;
  "telephony.fresh_usage": TelephonyFreshUsage;
  "telephony.growth_months": TelephonyGrowthMonths;
  "telephony.invoice_lines": TelephonyInvoiceLines;
  "telephony.invoices": TelephonyInvoices;
  "telephony.mrr_days": TelephonyMrrDays;
  "telephony.nights": TelephonyNights;
  "telephony.number_prices": TelephonyNumberPrices;
  "telephony.numbers": TelephonyNumbers;
  "telephony.onboardings": TelephonyOnboardings;
  "telephony.organisations": TelephonyOrganisations;
  "telephony.port_order_numbers": TelephonyPortOrderNumbers;
  "telephony.port_orders": TelephonyPortOrders;
  "telephony.rate_plan_versions": TelephonyRatePlanVersions;
  "telephony.rate_plans": TelephonyRatePlans;
  "telephony.spend_limits": TelephonySpendLimits;
  "telephony.thresholds": TelephonyThresholds;
  "telephony.trunk_hours": TelephonyTrunkHours;
  "telephony.trunks": TelephonyTrunks;
  "telephony.untold_usage": TelephonyUntoldUsage;
  "telephony.usage_days": TelephonyUsageDays;
  "telephony.usage_days_told": TelephonyUsageDaysTold;
  "telephony.usage_hours": TelephonyUsageHours;
  "telephony.usage_quarters": TelephonyUsageQuarters;
  "telephony.usage_records": TelephonyUsageRecords;
  "telephony.watched": TelephonyWatched;
}
