// Made by db/generate.ts from the migrations of the insights database. Do not edit.

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

export interface InsightsAccounts {
  account_id: string;
  customer_id: string;
  org_id: string;
  system: string;
  taken_at: Generated<Timestamp>;
}

export interface InsightsChurnHistory {
  as_of: Timestamp;
  customer_id: string;
  org_id: string;
  percentage: Numeric | null;
  said: Json | null;
}

export interface InsightsChurnMonths {
  customers: number;
  expected: Numeric;
  is_over: Generated<boolean>;
  left_count: Generated<number>;
  month: string;
  org_id: string;
}

export interface InsightsChurnSnapshots {
  customer_id: string;
  left_on: string | null;
  month: string;
  org_id: string;
  percentage: Numeric;
  strengths: Json;
}

export interface InsightsCustomers {
  customer_id: string;
  dirty_since: Timestamp | null;
  due_at: Timestamp | null;
  identity_version: number;
  judged_accounts: string | null;
  merged_into: string | null;
  org_id: string;
}

export interface InsightsDomains {
  account_id: string;
  account_system: string;
  domain: string | null;
  org_id: string;
  source_pos: number;
}

export interface InsightsEnrichmentCache {
  answer: Json;
  input_hash: string;
  made_at: Timestamp;
  org_id: string;
  provider: string;
}

export interface InsightsEnrichmentDays {
  answered: Generated<number>;
  calls: number;
  cost: Numeric;
  day: string;
  failed: Generated<number>;
  org_id: string;
  provider: string;
  ungrounded: Generated<number>;
}

export interface InsightsEnrichmentQueue {
  attempts: number;
  code: string | null;
  customer_id: string;
  due_at: Timestamp | null;
  finished_at: Timestamp | null;
  is_again: Generated<boolean>;
  is_asked: boolean;
  org_id: string;
  paid: Generated<string[]>;
  priority: number;
  providers: string[] | null;
  state: string;
  taken_by: string | null;
  wanted_at: Timestamp;
}

export interface InsightsEnrichments {
  checked_at: Timestamp;
  customer_id: string;
  document: Json;
  input_hash: string;
  made_at: Timestamp;
  org_id: string;
}

export interface InsightsFindings {
  as_of: Timestamp;
  customer_id: string;
  found: Json;
  left_on: string | null;
  org_id: string;
}

export interface InsightsFormerAccounts {
  account_id: string;
  customer_id: string;
  org_id: string;
  system: string;
  taken_at: Timestamp;
  until: Timestamp;
}

export interface InsightsFormerJudgements {
  accounts: string;
  customer_id: string;
  judgement: Json;
  merged_into: string | null;
  org_id: string;
  set_aside_at: Timestamp;
}

export interface InsightsFormerSignals {
  account_id: string;
  account_system: string;
  amount: Numeric | null;
  details: Json | null;
  ended_at: Timestamp | null;
  happened_at: Timestamp | null;
  kind: string;
  label: string | null;
  observed_at: Timestamp;
  org_id: string;
  record_id: string;
  system: string;
  taken_at: Timestamp;
  unit: string | null;
  until: Timestamp;
}

export interface InsightsHealth {
  as_of: Timestamp;
  confidence: Numeric;
  contributions: Json;
  coverage: Numeric;
  customer_id: string;
  days: Generated<Json>;
  dimensions: Json;
  fingerprint: string | null;
  identity_version: number;
  org_id: string;
  rank: Generated<number>;
  score: Numeric | null;
  slope: Numeric | null;
  trend: string | null;
}

export interface InsightsHealthHistory {
  as_of: Timestamp;
  confidence: Numeric;
  contributions: Json;
  coverage: Numeric;
  customer_id: string;
  dimensions: Json;
  identity_version: number;
  is_undone: Generated<boolean>;
  org_id: string;
  score: Numeric | null;
  slope: Numeric | null;
  trend: string | null;
}

export interface InsightsHealthMonths {
  fallen: number;
  mean: Numeric | null;
  month: string;
  new: number;
  org_id: string;
  risen: number;
  scored: number;
}

export interface InsightsInsights {
  as_of: Timestamp;
  confidence: number;
  customer_id: string | null;
  decided_at: Timestamp | null;
  detector: string;
  dismissals: number;
  dismissed_at: Timestamp | null;
  dismissed_for: string | null;
  episode: number;
  evidence: Json;
  impact: string;
  insight_id: string;
  is_open: Generated<boolean>;
  is_recommended: boolean;
  measures: Json;
  method_version: number;
  needs_person: boolean;
  org_id: string;
  outcome: string | null;
  raised_at: Timestamp;
  recommendation_id: string | null;
  sentence: string;
  state: string;
  taken_from: string | null;
  type: string;
  undone_at: Timestamp | null;
  valid_until: Timestamp | null;
  value_at_stake: Numeric | null;
  version: number;
  worth: Generated<number>;
}

export interface InsightsModels {
  is_held: boolean;
  learned: Json;
  learned_at: Timestamp;
  name: string;
  org_id: string;
  report: Json;
  version: number;
}

export interface InsightsRecomputes {
  org_id: string;
  reason: string;
  requested_at: Timestamp;
  total: number;
}

export interface InsightsRuns {
  customers: number | null;
  ended_at: Timestamp | null;
  failures: Generated<number>;
  kind: string;
  org_id: string;
  outcome: string;
  run_id: string;
  started_at: Timestamp;
  worked_ms: Generated<number>;
}

export interface InsightsSeries {
  account_id: string;
  account_system: string;
  amounts: number[];
  kind: string;
  month: string;
  observed_at: Timestamp;
  org_id: string;
  positions: ArrayType<number>;
  source: string;
  system: string;
  unit: string;
}

export interface InsightsSetAside {
  customer_id: string;
  failures: number;
  last_at: Timestamp;
  org_id: string;
  reason: string;
  since: Timestamp;
}

export interface InsightsSettings {
  changed_at: Timestamp;
  changed_by: string;
  document: Json;
  org_id: string;
  version: number;
}

export interface InsightsSignals {
  account_id: string | null;
  account_system: string | null;
  amount: Numeric | null;
  details: Json | null;
  ended_at: Timestamp | null;
  happened_at: Timestamp | null;
  kind: string;
  label: string | null;
  observed_at: Timestamp | null;
  org_id: string;
  record_id: string;
  source: string;
  source_pos: number;
  system: string;
  taken_at: Generated<Timestamp>;
  unit: string | null;
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
  "events.batches": EventsBatches;
  "events.cursors": EventsCursors;
  "events.event_log": EventsEventLog;
  "events.head": EventsHead;
  "events.marks": EventsMarks;
  "events.organisations": EventsOrganisations;
  "events.outbox": EventsOutbox;
  "events.parked": EventsParked;
  "events.recorded": EventsRecorded;
  "insights.accounts": InsightsAccounts;
  "insights.churn_history": InsightsChurnHistory;
  "insights.churn_months": InsightsChurnMonths;
  "insights.churn_snapshots": InsightsChurnSnapshots;
  "insights.customers": InsightsCustomers;
  "insights.domains": InsightsDomains;
  "insights.enrichment_cache": InsightsEnrichmentCache;
  "insights.enrichment_days": InsightsEnrichmentDays;
  "insights.enrichment_queue": InsightsEnrichmentQueue;
  "insights.enrichments": InsightsEnrichments;
  "insights.findings": InsightsFindings;
  "insights.former_accounts": InsightsFormerAccounts;
  "insights.former_judgements": InsightsFormerJudgements;
  "insights.former_signals": InsightsFormerSignals;
  "insights.health": InsightsHealth;
  "insights.health_history": InsightsHealthHistory;
  "insights.health_months": InsightsHealthMonths;
  "insights.insights": InsightsInsights;
  "insights.models": InsightsModels;
  "insights.recomputes": InsightsRecomputes;
  "insights.runs": InsightsRuns;
  "insights.series": InsightsSeries;
  "insights.set_aside": InsightsSetAside;
  "insights.settings": InsightsSettings;
  "insights.signals": InsightsSignals;
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
