// Made by db/generate.ts from the migrations of the customers database. Do not edit.

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

export interface CustomersAccountCompanies {
  company_id: string;
  org_id: string;
  usage_day: string | null;
  usage_written_at: Timestamp | null;
}

export interface CustomersAccountNumbers {
  ban: string;
  given_at: Timestamp;
  mark: string;
  number_id: string;
  org_id: string;
}

export interface CustomersAlertTickets {
  alert_id: string;
  closed_noted_at: Timestamp | null;
  integration_id: string;
  opened_at: Timestamp;
  org_id: string;
  ticket_id: string;
}

export interface CustomersAssignmentRules {
  industries: string[];
  integration_id: string;
  org_id: string;
  owner_id: string;
  position: number;
  territories: string[];
}

export interface CustomersAssignmentRuns {
  after: string | null;
  assigned: Generated<number>;
  contacts: number;
  ended_at: Timestamp | null;
  integration_id: string;
  looked_at: Generated<number>;
  org_id: string;
  started_at: Timestamp;
}

export interface CustomersBulkItems {
  code: string | null;
  field: string | null;
  input: Json | null;
  job_id: string;
  message: string | null;
  org_id: string;
  outcome: string | null;
  position: number;
  record_id: string;
  type: string;
}

export interface CustomersBulkJobs {
  asked_by: string;
  asked_by_kind: string;
  created_at: Timestamp;
  done: Generated<number>;
  finished_at: Timestamp | null;
  id: string;
  input: Json | null;
  integration_id: string | null;
  operation: string;
  org_id: string;
  refused: Generated<number>;
  state: string;
  total: number;
  type: string;
  unchanged: Generated<number>;
  written: Generated<number>;
}

export interface CustomersCompanies {
  customer_id: string;
  domain: string | null;
  external_id: string;
  gone_at: Timestamp | null;
  id: string;
  industry: string | null;
  integration_id: string;
  kind: string | null;
  last_activity_at: Timestamp | null;
  lifecycle_stage: string | null;
  match_domain: string | null;
  merged_into: string | null;
  modified_at: Timestamp | null;
  name: string;
  normal_name: string;
  org_id: string;
  owner_id: string | null;
  properties: Json;
  source_created_at: Timestamp | null;
  valid_from: Timestamp;
  version: Generated<number>;
}

export interface CustomersCompanyKinds {
  integration_id: string;
  kind: string;
  org_id: string;
  property: string;
  value: string;
}

export interface CustomersConnectionAttempts {
  browser_hash: string;
  capabilities: string[];
  created_at: Timestamp;
  expires_at: Timestamp;
  name: string | null;
  org_id: string;
  portal_hint: string | null;
  principal_id: string;
  principal_kind: string;
  state_hash: string;
  used_at: Timestamp | null;
}

export interface CustomersContacts {
  company_external_id: string | null;
  email: string | null;
  engagement_rank: Generated<number>;
  external_id: string;
  first_name: string | null;
  gone_at: Timestamp | null;
  id: string;
  integration_id: string;
  job_title: string | null;
  last_name: string | null;
  merged_into: string | null;
  modified_at: Timestamp | null;
  name_key: Generated<string>;
  org_id: string;
  owner_id: string | null;
  phone: string | null;
  properties: Json;
  source_created_at: Timestamp | null;
  valid_from: Timestamp;
  version: Generated<number>;
  warp_api_key_count: number | null;
  warp_last_api_call: Timestamp | null;
  warp_last_login: Timestamp | null;
  warp_role: string | null;
  warp_two_factor: boolean | null;
  warp_user_id: string | null;
}

export interface CustomersCredentials {
  access_sealed: string;
  expires_at: Timestamp | null;
  generation: Generated<number>;
  integration_id: string;
  issued_at: Timestamp;
  mode: string;
  org_id: string;
  refresh_sealed: string | null;
  renewal_failures: Generated<number>;
  renewal_id: string | null;
  renewal_not_before: Timestamp | null;
  renewal_until: Timestamp | null;
  updated_at: Timestamp;
}

export interface CustomersCustomers {
  churn_rank: Generated<number>;
  churn_risk: Numeric | null;
  created_at: Timestamp;
  domain: string | null;
  gone_at: Timestamp | null;
  health_as_of: Timestamp | null;
  health_rank: Generated<number>;
  health_score: Numeric | null;
  health_trend: string | null;
  id: string;
  identity_version: Generated<number>;
  industry: string | null;
  kind: Generated<string>;
  last_activity_at: Timestamp | null;
  last_activity_key: Generated<Timestamp>;
  lead_company_id: string | null;
  lead_rank: Generated<number>;
  lead_score: Numeric | null;
  lifecycle_stage: string | null;
  merged_into: string | null;
  month_spend: Numeric | null;
  month_spend_currency: string | null;
  month_spend_rank: Generated<number>;
  mrr: Numeric | null;
  mrr_currency: string | null;
  mrr_rank: Generated<number>;
  name: string;
  name_key: Generated<string>;
  normal_name: string;
  open_deals: Numeric | null;
  open_deals_currency: string | null;
  open_deals_rank: Generated<number>;
  open_rfqs: number | null;
  open_rfqs_rank: Generated<number>;
  org_id: string;
  owner_id: string | null;
  search_text: Generated<string>;
  told_accounts: Generated<string[]>;
  updated_at: Timestamp;
}

export interface CustomersDeals {
  amount: Numeric | null;
  close_date: Timestamp | null;
  company_external_id: string | null;
  contract_end: Timestamp | null;
  currency: string | null;
  external_id: string;
  gone_at: Timestamp | null;
  id: string;
  integration_id: string;
  is_open: boolean;
  is_won: boolean | null;
  merged_into: string | null;
  modified_at: Timestamp | null;
  name: string;
  org_id: string;
  owner_id: string | null;
  pipeline: string;
  previous_stage: string | null;
  properties: Json;
  source_created_at: Timestamp;
  stage: string;
  stage_changed_at: Timestamp | null;
  valid_from: Timestamp;
  version: Generated<number>;
}

export interface CustomersEdges {
  from_id: string;
  from_type: string;
  integration_id: string;
  is_primary: boolean;
  org_id: string;
  to_id: string;
  to_type: string;
}

export interface CustomersExternalIds {
  given_at: Timestamp;
  integration_id: string;
  org_id: string;
  record_id: string;
  system: string;
  type: string;
  value: string;
}

export interface CustomersFieldMappings {
  fields: Generated<Json>;
  integration_id: string;
  org_id: string;
  paused: Generated<Json>;
  relist: Generated<boolean>;
  relist_run: string | null;
  type: string;
  updated_at: Timestamp;
  updated_by: string | null;
  version: Generated<number>;
}

export interface CustomersGoldenRules {
  org_id: string;
  rules: Json;
  set_at: Timestamp;
  set_by: string;
  taken_from: number | null;
  version: number;
}

export interface CustomersGoldenTurns {
  after_id: string;
  done: Generated<number>;
  finished_at: Timestamp | null;
  moved: Generated<number>;
  org_id: string;
  requested_at: Timestamp;
  state: string;
  total: number;
  version: number;
}

export interface CustomersIdentities {
  account_id: string;
  ban: string | null;
  country: string | null;
  created_at: Timestamp;
  customer_id: string;
  domain: string | null;
  external_id: string;
  gone_at: Timestamp | null;
  integration_id: string | null;
  is_supplier: Generated<boolean>;
  linked_before: Generated<string[]>;
  linked_by: string;
  linked_from: Generated<string[]>;
  match_domain: string | null;
  name: string;
  name_core: Generated<string>;
  near_keys: Generated<string[]>;
  normal_name: string;
  observed_at: Timestamp | null;
  org_id: string;
  own_customer_id: string;
  phones: Generated<string[]>;
  place: string | null;
  source: Generated<string>;
  system: string;
  tokens: Generated<string[]>;
}

export interface CustomersIdentityCandidates {
  a_account_id: string;
  a_system: string;
  b_account_id: string;
  b_system: string;
  decided_at: Timestamp | null;
  decided_by: string | null;
  facts: string;
  found_at: Timestamp;
  id: string;
  kind: string;
  model: string;
  org_id: string;
  rank: Generated<number | null>;
  reason: string | null;
  reasons: string[];
  score: Numeric;
  state: Generated<string>;
  updated_at: Timestamp;
  verdict: string;
  waterfall: Json;
}

export interface CustomersIdentityDue {
  account_id: string;
  marked_at: Timestamp;
  org_id: string;
  step: Generated<string>;
  system: string;
}

export interface CustomersIdentityWords {
  count: number;
  org_id: string;
  source: string;
  token: string;
}

export interface CustomersInsightFields {
  as_of: Timestamp;
  confidence: Numeric;
  customer_id: string;
  field: string;
  org_id: string;
  value: Json | null;
}

export interface CustomersIntegrations {
  assets_since: Timestamp | null;
  assigns_since: Timestamp | null;
  auto_assign: Generated<boolean>;
  auto_create_deals: Generated<boolean>;
  auto_create_tasks: Generated<boolean>;
  auto_enrich: Generated<boolean>;
  auto_link_rfqs: Generated<boolean>;
  auto_score: Generated<boolean>;
  base_url: string;
  catalog_read_at: Timestamp | null;
  change_percent: Generated<number>;
  created_at: Timestamp;
  currency: string | null;
  delete_percent: Generated<number>;
  direction: Generated<string>;
  disconnected_at: Timestamp | null;
  frequency: Generated<string>;
  granted_scopes: string[] | null;
  hub_domain: string | null;
  id: string;
  inclusion: Generated<Json>;
  known_since: Generated<Json>;
  lacking_scopes: Generated<string[]>;
  last_error: string | null;
  last_error_at: Timestamp | null;
  last_sync_at: Timestamp | null;
  name: string;
  org_id: string;
  portal_id: string | null;
  prepared_at: Timestamp | null;
  properties: Generated<Json>;
  rank: Generated<number>;
  sends_addresses: Generated<boolean>;
  settings_version: Generated<number>;
  status: Generated<string>;
  sync_count: Generated<number>;
  time_zone: string | null;
  timeline_kinds: string[] | null;
  token_sealed: string | null;
  updated_at: Timestamp;
  wanted_run: string | null;
}

export interface CustomersMailOutbox {
  attempts: Generated<number>;
  contact_id: string;
  error_code: string | null;
  id: string;
  made_at: Timestamp;
  onboarding_id: string;
  org_id: string;
  settled_at: Timestamp | null;
  state: string;
  tried_at: Timestamp | null;
}

export interface CustomersNotes {
  body: string | null;
  company_external_id: string | null;
  contact_external_id: string | null;
  deal_external_id: string | null;
  external_id: string;
  gone_at: Timestamp | null;
  id: string;
  integration_id: string;
  merged_into: string | null;
  modified_at: Timestamp | null;
  noted_at: Timestamp;
  org_id: string;
  owner_id: string | null;
  properties: Json;
  source_created_at: Timestamp;
  ticket_external_id: string | null;
  valid_from: Timestamp;
  version: Generated<number>;
}

export interface CustomersOnboardings {
  customer_id: string | null;
  deal_id: string | null;
  ended_at: Timestamp | null;
  id: string;
  integration_id: string | null;
  org_id: string;
  started_at: Timestamp;
  state: string;
  stopped_because: string | null;
  updated_at: Timestamp;
}

export interface CustomersOnboardingSettings {
  mail_body: string;
  mail_subject: string;
  org_id: string;
  saved_at: Timestamp;
  saved_by: string;
  sends_mail: boolean;
  starts_by_itself: boolean;
  version: number;
}

export interface CustomersOnboardingSteps {
  attempts: Generated<number>;
  changed_at: Timestamp;
  code: string | null;
  onboarding_id: string;
  org_id: string;
  state: string;
  step: string;
}

export interface CustomersOwners {
  email: string | null;
  external_id: string;
  id: string;
  integration_id: string;
  is_active: boolean;
  name: string | null;
  org_id: string;
}

export interface CustomersOwnRecords {
  changed_at: Timestamp;
  created_at: Timestamp;
  external_id: string;
  gone_at: Timestamp | null;
  id: string;
  integration_id: string;
  org_id: string;
  properties: Json;
  type: string;
  waits_for: Generated<string[]>;
}

export interface CustomersPauses {
  direction: string;
  integration_id: string;
  org_id: string;
  paused_at: Timestamp;
  type: string;
}

export interface CustomersPinnedFields {
  customer_id: string;
  field: string;
  org_id: string;
  pinned_at: Timestamp;
  pinned_by: string;
  value: string;
}

export interface CustomersPolicies {
  integration_id: string;
  org_id: string;
  rules: Json;
  saved_at: Timestamp;
  saved_by: string;
  version: number;
}

export interface CustomersPortalObjects {
  integration_id: string;
  object_type_id: string;
  org_id: string;
  seen_at: Timestamp;
  type: string;
}

export interface CustomersPortalProperties {
  archived_at: Timestamp | null;
  changed_at: Timestamp;
  description: string;
  field_type: string;
  first_seen_at: Timestamp;
  group_name: string;
  integration_id: string;
  is_calculated: boolean;
  is_hidden: Generated<boolean>;
  is_hubspot_defined: boolean;
  is_read: boolean;
  is_read_only: boolean;
  is_sensitive: boolean;
  is_unique: boolean;
  kind: string;
  label: string;
  name: string;
  options: Json;
  org_id: string;
  retyped_from: string | null;
  type: string;
}

export interface CustomersPrivacyRequests {
  completed_at: Timestamp | null;
  external_id: string;
  integration_id: string;
  org_id: string;
  requested_at: Timestamp;
}

export interface CustomersPropertyChanges {
  at: Timestamp;
  becomes: string | null;
  change: string;
  id: string;
  integration_id: string;
  label: string;
  org_id: string;
  property: string;
  type: string;
  was: string | null;
}

export interface CustomersRaised {
  about: string;
  integration_id: string;
  org_id: string;
  raised_at: Timestamp;
  reason: string;
  record_id: string;
  record_type: string;
  stands: boolean;
  times: number;
}

export interface CustomersRederivations {
  after_id: string;
  changed: Generated<number>;
  done: Generated<number>;
  fields: string[];
  finished_at: Timestamp | null;
  integration_id: string;
  org_id: string;
  requested_at: Timestamp;
  state: string;
  total: number;
  type: string;
  version: number;
}

export interface CustomersRenewals {
  due_at: Timestamp | null;
  integration_id: string;
  org_id: string;
  sealed_by: string;
}

export interface CustomersRenewalStages {
  integration_id: string;
  org_id: string;
  pipeline_id: string;
  renewal_stage: string;
  stage_id: string;
}

export interface CustomersRfqDeals {
  deal_id: string;
  linked_at: Timestamp;
  linked_by: string;
  org_id: string;
  rfq_id: string;
  state: string;
}

export interface CustomersRfqMentions {
  deal_id: string;
  kind: string;
  name: string;
  org_id: string;
  source: Generated<string>;
}

export interface CustomersRfqs {
  account_id: string;
  c3_key: string | null;
  c3_rfq_id: string | null;
  created_at: Timestamp;
  currency: string | null;
  gone_at: Timestamp | null;
  id: string;
  number: string | null;
  number_key: string | null;
  observed_at: Timestamp;
  org_id: string;
  status: string;
  total: Numeric | null;
}

export interface CustomersRuleVersions {
  integration_id: string;
  org_id: string;
  rules: string;
  updated_at: Timestamp;
  version: number;
}

export interface CustomersStages {
  integration_id: string;
  is_open: boolean;
  is_won: boolean | null;
  label: string;
  org_id: string;
  pipeline_id: string;
  pipeline_label: string;
  position: number;
  probability: Numeric | null;
  renewal_stage: string | null;
  renews: Generated<boolean>;
  stage_id: string;
  type: string;
}

export interface CustomersSuppressionKeys {
  created_at: Timestamp;
  key_sealed: string;
  org_id: string;
}

export interface CustomersSuppressions {
  at: Timestamp;
  erasure_id: string;
  hash: string;
  kind: string;
  org_id: string;
}

export interface CustomersTasks {
  body: string | null;
  company_external_id: string | null;
  contact_external_id: string | null;
  deal_external_id: string | null;
  due_at: Timestamp;
  external_id: string;
  gone_at: Timestamp | null;
  id: string;
  integration_id: string;
  is_open: boolean;
  merged_into: string | null;
  modified_at: Timestamp | null;
  org_id: string;
  owner_id: string | null;
  priority: string | null;
  properties: Json;
  source_created_at: Timestamp;
  status: string;
  subject: string;
  task_type: string | null;
  ticket_external_id: string | null;
  valid_from: Timestamp;
  version: Generated<number>;
}

export interface CustomersTickets {
  call_id: string | null;
  category: Generated<string>;
  closed_at: Timestamp | null;
  company_external_id: string | null;
  external_id: string;
  gone_at: Timestamp | null;
  id: string;
  integration_id: string;
  is_open: boolean;
  issue_type: string | null;
  merged_into: string | null;
  modified_at: Timestamp | null;
  org_id: string;
  owner_id: string | null;
  pipeline: string;
  priority: string | null;
  properties: Json;
  severity: string | null;
  sla_breach_at: Timestamp | null;
  source_created_at: Timestamp;
  stage: string;
  subcategory: string | null;
  subject: string;
  technical_details: string | null;
  trunk_id: string | null;
  valid_from: Timestamp;
  version: Generated<number>;
}

export interface CustomersTimelineEvents {
  company_id: string;
  created_at: Timestamp;
  id: string;
  integration_id: string;
  kind: string;
  occurred_at: Timestamp;
  org_id: string;
  problem: string | null;
  settled_at: Timestamp | null;
  state: Generated<string>;
  tokens: Json;
  way: string | null;
}

export interface CustomersTimelineTold {
  ban: Generated<string | null>;
  id: string;
  observed_at: Timestamp;
  org_id: string;
  placed_as_of: Timestamp | null;
  state: Json;
  street_mark: string | null;
  street_sealed: string | null;
  subject: string;
}

export interface CustomersTwinPolicies {
  conditions: string[];
  integration_id: string;
  is_on: boolean;
  org_id: string;
  systems: string[];
  updated_at: Timestamp;
  version: number;
}

export interface CustomersUnroutableDeliveries {
  event_count: number;
  id: string;
  portal_id: string;
  raw_sealed: string;
  received_at: Timestamp;
  receiver: string;
}

export interface CustomersUnroutablePortals {
  alerted_at: Timestamp | null;
  deliveries: number;
  events: number;
  first_at: Timestamp;
  last_at: Timestamp;
  portal_id: string;
}

export interface CustomersUsageDays {
  acd: Numeric | null;
  ban: string;
  calls: number;
  completed_calls: number;
  currency: string | null;
  day: string;
  messages: number;
  minutes: Numeric;
  month_minutes: Numeric;
  month_spend: Numeric | null;
  observed_at: Timestamp;
  org_id: string;
  spend: Numeric | null;
  written_as_of: Timestamp | null;
}

export interface CustomersVersions {
  org_id: string;
  properties: Json;
  record_id: string;
  type: string;
  valid_from: Timestamp;
  valid_to: Timestamp;
}

export interface CustomersWaitingAdvice {
  account_id: string;
  observed_at: Timestamp;
  org_id: string;
  recommendation_id: string;
  told: Json;
}

export interface CustomersWebhookDays {
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

export interface CustomersWebhookDeliveries {
  applied_at: Timestamp | null;
  attempt: number;
  duplicate_count: number;
  event_count: number;
  events: Json;
  id: string;
  ignored_count: number;
  integration_id: string;
  noted_at: Timestamp;
  oldest_event_at: Timestamp | null;
  org_id: string;
  portal_id: string;
  raw_sealed: string | null;
  received_at: Timestamp;
  receiver: string;
  records: Json;
  replayed_at: Timestamp | null;
  status: string;
}

export interface CustomersWebhookEvents {
  hash: Buffer;
  integration_id: string;
  org_id: string;
  received_at: Timestamp;
  seen: number;
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
  "customers.account_companies": CustomersAccountCompanies;
  "customers.account_numbers": CustomersAccountNumbers;
  "customers.alert_tickets": CustomersAlertTickets;
  "customers.assignment_rules": CustomersAssignmentRules;
  "customers.assignment_runs": CustomersAssignmentRuns;
  "customers.bulk_items": CustomersBulkItems;
  "customers.bulk_jobs": CustomersBulkJobs;
  "customers.companies": CustomersCompanies;
  "customers.company_kinds": CustomersCompanyKinds;
  "customers.connection_attempts": CustomersConnectionAttempts;
  "customers.contacts": CustomersContacts;
  "customers.credentials": CustomersCredentials;
  "customers.customers": CustomersCustomers;
  "customers.deals": CustomersDeals;
  "customers.edges": CustomersEdges;
  "customers.external_ids": CustomersExternalIds;
  "customers.field_mappings": CustomersFieldMappings;
  "customers.golden_rules": CustomersGoldenRules;
  "customers.golden_turns": CustomersGoldenTurns;
  "customers.identities": CustomersIdentities;
  "customers.identity_candidates": CustomersIdentityCandidates;
  "customers.identity_due": CustomersIdentityDue;
  "customers.identity_words": CustomersIdentityWords;
  "customers.insight_fields": CustomersInsightFields;
  "customers.integrations": CustomersIntegrations;
  "customers.mail_outbox": CustomersMailOutbox;
  "customers.notes": CustomersNotes;
  "customers.onboarding_settings": CustomersOnboardingSettings;
  "customers.onboarding_steps": CustomersOnboardingSteps;
  "customers.onboardings": CustomersOnboardings;
  "customers.own_records": CustomersOwnRecords;
  "customers.owners": CustomersOwners;
  "customers.pauses": CustomersPauses;
  "customers.pinned_fields": CustomersPinnedFields;
  "customers.policies": CustomersPolicies;
  "customers.portal_objects": CustomersPortalObjects;
  "customers.portal_properties": CustomersPortalProperties;
  "customers.privacy_requests": CustomersPrivacyRequests;
  "customers.property_changes": CustomersPropertyChanges;
  "customers.raised": CustomersRaised;
  "customers.rederivations": CustomersRederivations;
  "customers.renewal_stages": CustomersRenewalStages;
  "customers.renewals": CustomersRenewals;
  "customers.rfq_deals": CustomersRfqDeals;
  "customers.rfq_mentions": CustomersRfqMentions;
  "customers.rfqs": CustomersRfqs;
  "customers.rule_versions": CustomersRuleVersions;
  "customers.stages": CustomersStages;
  "customers.suppression_keys": CustomersSuppressionKeys;
  "customers.suppressions": CustomersSuppressions;
  "customers.tasks": CustomersTasks;
  "customers.tickets": CustomersTickets;
  "customers.timeline_events": CustomersTimelineEvents;
  "customers.timeline_told": CustomersTimelineTold;
  "customers.twin_policies": CustomersTwinPolicies;
  "customers.unroutable_deliveries": CustomersUnroutableDeliveries;
  "customers.unroutable_portals": CustomersUnroutablePortals;
  "customers.usage_days": CustomersUsageDays;
  "customers.versions": CustomersVersions;
  "customers.waiting_advice": CustomersWaitingAdvice;
  "customers.webhook_days": CustomersWebhookDays;
  "customers.webhook_deliveries": CustomersWebhookDeliveries;
  "customers.webhook_events": CustomersWebhookEvents;
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
}
