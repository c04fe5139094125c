-- sync: runs that hold until somebody lets them go on; what syncs would do, kept as plans that are done only once somebody approves
alter table sync.runs drop constraint runs_state_check;
alter table sync.runs add constraint runs_state_check
  check (state in ('QUEUED', 'RUNNING', 'HELD', 'COMPLETED', 'FAILED', 'CANCELLED')) not valid;
alter table sync.runs validate constraint runs_state_check;
alter table sync.runs
  -- SYNC brings records over. PLAN only compares them and writes down what a sync would do. APPLY does what a plan says.
  add column purpose text not null default 'SYNC' check (purpose in ('SYNC', 'PLAN', 'APPLY')),
  add column plan_id uuid,
  -- Why it holds: {id, since, reasons: [{type, action, records, of, percent}]}. Kept while the run is HELD.
  add column hold jsonb,
  -- What somebody has let it do: [{type, action}].
  add column allowed jsonb not null default '[]';
-- A run that holds is under way: whoever asks for another one is answered with it, and nothing is brought over around it.
-- Older code names the states without it, which this index serves too.
drop index sync.runs_one_active;
create unique index runs_one_active on sync.runs (org_id, connection_id) where state in ('QUEUED', 'RUNNING', 'HELD');

-- Records that a run has found gone. They go at its end, once it is known how many they are.
create table sync.leaving (
  org_id uuid not null,
  run_id uuid not null references sync.runs on delete cascade,
  connection_id uuid not null,
  type text not null,
  external_id text not null,
  reason text not null check (reason in ('archived', 'missing', 'excluded')),
  found_at timestamptz not null,
  primary key (run_id, type, external_id)
);

create table sync.plans (
  id uuid primary key,
  org_id uuid not null,
  connection_id uuid not null,
  -- READ: made by comparing with the source. UNDO: made from what a run recorded.
  kind text not null check (kind in ('READ', 'UNDO')),
  mode text not null check (mode in ('FULL', 'INCREMENTAL')),
  types text[] not null,
  -- The run that makes it, the one that it undoes, and the one that does what it says.
  run_id uuid not null references sync.runs on delete cascade,
  undoes uuid,
  apply_run_id uuid references sync.runs on delete set null,
  made_by text not null,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  -- Of all items, whatever pages they came in. Null until everything is compared.
  hash text,
  -- [{direction, type, action, records}]
  counts jsonb not null default '[]',
  -- Requests that doing it takes.
  api_calls integer not null default 0,
  approved_by text,
  approved_at timestamptz,
  -- Everything was found as the plan says, or not.
  checked_at timestamptz,
  moved_at timestamptz
);
create index plans_by_time on sync.plans (org_id, made_at desc, id desc);
create index plans_of_connection on sync.plans (connection_id, made_at desc);
create index plans_by_run on sync.plans (run_id);
create index plans_by_apply_run on sync.plans (apply_run_id) where apply_run_id is not null;

-- One row for each record that a plan would change.
create table sync.plan_items (
  org_id uuid not null,
  plan_id uuid not null references sync.plans on delete cascade,
  connection_id uuid not null,
  direction text not null check (direction in ('IN', 'OUT')),
  type text not null,
  external_id text not null,
  local_id uuid,
  action text not null check (action in ('CREATE', 'UPDATE', 'DELETE', 'CONFLICT')),
  -- {field: {from, to}}; of a field that both sides have changed also {theirs, policy, outcome}.
  fields jsonb not null,
  -- Why a record goes or comes back, or why it cannot be restored.
  reason text,
  survivor_id text,
  -- Records that a merge made one are done together: the id of the record that is left.
  done_with text not null,
  -- What it was made from: when the source says that it changed, and a hash of what the hub held.
  source_at timestamptz,
  ours text,
  fingerprint text not null,
  state text not null default 'PENDING' check (state in ('PENDING', 'DONE', 'SKIPPED', 'MOVED', 'IMPOSSIBLE')),
  -- What would be done now instead: {action, fields}.
  moved_to jsonb,
  primary key (plan_id, type, external_id, direction)
);
create index plan_items_pending on sync.plan_items (plan_id, direction, type, done_with, external_id) where state = 'PENDING';
create index plan_items_by_local on sync.plan_items (local_id);
create index plan_items_by_record on sync.plan_items (connection_id, type, external_id);

-- Connections whose first plan of writes somebody has approved: from then on they write by themselves.
create table sync.push_approvals (
  org_id uuid not null,
  connection_id uuid not null,
  plan_id uuid,
  approved_at timestamptz not null,
  primary key (org_id, connection_id)
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['leaving', 'plans', 'plan_items', 'push_approvals'] loop
    execute format('alter table sync.%I enable row level security', tenant_table);
    execute format('alter table sync.%I force row level security', tenant_table);
    execute format('create policy tenant on sync.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', tenant_table);
    execute format('grant select, insert, update, delete on sync.%I to :app', tenant_table);
  end loop;
end
$$;
