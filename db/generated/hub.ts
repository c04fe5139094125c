// Made by db/generate.ts from the migrations of the hub database. Do not edit.

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

export interface HubApiKeys {
  created_at: Timestamp;
  created_by: string;
  customer_ids: string[] | null;
  expires_at: Timestamp | null;
  id: string;
  last_used_at: Timestamp | null;
  name: string;
  org_id: string;
  prefix: string;
  previous_until: Timestamp | null;
  revoked_at: Timestamp | null;
  scopes: string[];
  version: Generated<number>;
}

export interface HubAuditEntries {
  action: string;
  actor_id: string;
  actor_kind: string;
  at: Timestamp;
  diff: Json;
  door: string | null;
  id: string;
  idempotency_key: string | null;
  org_id: string;
  part: string;
  subject_id: string;
  subject_type: string;
  trace_id: string | null;
}

export interface HubChanges {
  at: Timestamp;
  id: string;
  is_deleted: boolean;
  mark: string | null;
  noted_at: Timestamp;
  org_id: string;
  place: number;
  type: string;
}

export interface HubConversations {
  id: string;
  last_used_at: Timestamp;
  org_id: string;
  owner_id: string;
  owner_kind: string;
  started_at: Timestamp;
  turns: number;
}

export interface HubConversationTurns {
  at: Timestamp;
  conversation_id: string;
  number: number;
  org_id: string;
  sealed: string;
}

export interface HubIntegrations {
  id: string;
  last_sync_at: Timestamp | null;
  name: string;
  org_id: string;
  status: string;
  system: string;
}

export interface HubKeyedRequests {
  answer: string | null;
  asked: string;
  attempt: string;
  expires_at: Timestamp;
  id: string;
  key_hash: string;
  leased_until: Timestamp;
  org_id: string;
  state: string;
  who_id: string;
  who_kind: string;
}

export interface HubKeyRoutes {
  ends_at: Timestamp | null;
  hash: Buffer;
  key_id: string;
  org_id: string;
}

export interface HubLeases {
  granted_at: Timestamp;
  holder: string;
  id: string;
  org_id: string;
  points: number;
}

export interface HubLimits {
  org_id: string;
  organisation_points_per_minute: number;
  organisation_subscriptions: number;
  points_per_minute: number;
  subscriptions: number;
  version: number;
}

export interface HubLogLevels {
  area: string;
  level: string;
  org_id: string;
  until: Timestamp;
}

export interface HubMemberRoutes {
  mark: string;
  member_id: string;
  org_id: string;
  since: Timestamp;
}

export interface HubMembers {
  id: string;
  invited_at: Timestamp | null;
  invited_by_id: string | null;
  invited_by_kind: string | null;
  invited_until: Timestamp | null;
  joined_at: Timestamp | null;
  name: string;
  org_id: string;
  person_id: string | null;
  removed_at: Timestamp | null;
  roles: string[];
  sealed_email: string | null;
  state: Generated<string>;
  version: Generated<number>;
}

export interface HubOrganisationRoutes {
  org_id: string;
  slug: string;
}

export interface HubOrganisations {
  created_at: Timestamp;
  name: string;
  org_id: string;
  slug: string;
  time_zone: string;
}

export interface HubOutwardHeads {
  forgotten: Generated<number>;
  org_id: string;
  place: number;
}

export interface HubPartnerDeliveries {
  at: Timestamp;
  due_at: Timestamp | null;
  event: string;
  key: string;
  org_id: string;
  place: number;
  state: string;
  tries: Generated<number>;
  webhook_id: string;
}

export interface HubPartnerDeliveryTries {
  answer: string | null;
  at: Timestamp;
  error: string | null;
  ms: number;
  number: number;
  org_id: string;
  place: number;
  status: number | null;
  webhook_id: string;
}

export interface HubPartnerMessages {
  at: Timestamp;
  data: Json;
  event: string;
  id: string;
  key: string;
  noted_at: Timestamp;
  org_id: string;
  place: number;
}

export interface HubPartnerWebhooks {
  changed_at: Timestamp;
  created_at: Timestamp;
  created_by: string;
  due_at: Timestamp | null;
  events: string[];
  failing_since: Timestamp | null;
  failures: Generated<number>;
  former_secret: string | null;
  former_until: Timestamp | null;
  id: string;
  last_delivered_at: Timestamp | null;
  lease: string | null;
  leased_until: Timestamp | null;
  name: string;
  org_id: string;
  reason: string | null;
  secret: string;
  state: string;
  url: string;
  version: Generated<number>;
}

export interface HubSessionRoutes {
  hash: Buffer;
  org_id: string;
  session_id: string;
}

export interface HubSessions {
  ended_at: Timestamp | null;
  ends_at: Timestamp;
  id: string;
  org_id: string;
  person_id: string;
  started_at: Timestamp;
  used_at: Timestamp;
  vouched: string[] | null;
}

export interface HubSpentConfirmations {
  expires_at: Timestamp;
  id: string;
  org_id: string;
  spent_at: Timestamp;
}

export interface HubSyncRuns {
  api_calls: number;
  attempts: Generated<number>;
  conflicts: number;
  created: number;
  deleted: number;
  done: number;
  error: string | null;
  eta: Timestamp | null;
  failed: number;
  finished_at: Timestamp | null;
  hold: Json | null;
  id: string;
  integration_id: string;
  mode: string;
  org_id: string;
  plan_id: string | null;
  priority: Generated<string>;
  purpose: Generated<string>;
  rate: number;
  requested_at: Timestamp;
  skipped: number;
  started_at: Timestamp | null;
  state: string;
  system: string;
  total: number | null;
  types: Json;
  updated: number;
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
  "hub.api_keys": HubApiKeys;
  "hub.audit_entries": HubAuditEntries;
  "hub.changes": HubChanges;
  "hub.conversation_turns": HubConversationTurns;
  "hub.conversations": HubConversations;
  "hub.integrations": HubIntegrations;
  "hub.key_routes": HubKeyRoutes;
  "hub.keyed_requests": HubKeyedRequests;
  "hub.leases": HubLeases;
  "hub.limits": HubLimits;
  "hub.log_levels": HubLogLevels;
  "hub.member_routes": HubMemberRoutes;
  "hub.members": HubMembers;
  "hub.organisation_routes": HubOrganisationRoutes;
  "hub.organisations": HubOrganisations;
  "hub.outward_heads": HubOutwardHeads;
  "hub.partner_deliveries": HubPartnerDeliveries;
  "hub.partner_delivery_tries": HubPartnerDeliveryTries;
  "hub.partner_messages": HubPartnerMessages;
  "hub.partner_webhooks": HubPartnerWebhooks;
  "hub.session_routes": HubSessionRoutes;
  "hub.sessions": HubSessions;
  "hub.spent_confirmations": HubSpentConfirmations;
  "hub.sync_runs": HubSyncRuns;
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
