-- customers: by which rules the values are chosen that stand for a customer, and what somebody decided by hand
create table customers.golden_rules (
  org_id uuid not null,
  -- The first version is what the hub takes for granted: no row.
  version integer not null check (version > 1),
  -- {field: {choose, systems}}; only what somebody decided.
  rules jsonb not null check (jsonb_typeof(rules) = 'object'),
  set_by text not null,
  set_at timestamptz not null,
  -- The version whose rules were taken again.
  taken_from integer check (taken_from between 1 and version - 1),
  primary key (org_id, version)
);

-- How far the customers of an organisation follow its rules since they were changed last.
create table customers.golden_turns (
  org_id uuid primary key,
  version integer not null,
  state text not null check (state in ('RUNNING', 'DONE')),
  after_id uuid not null,
  done integer not null default 0 check (done >= 0),
  moved integer not null default 0 check (moved >= 0),
  total integer not null check (total >= 0),
  requested_at timestamptz not null,
  finished_at timestamptz check ((finished_at is null) = (state = 'RUNNING'))
);
create index golden_turns_running on customers.golden_turns (requested_at) where state = 'RUNNING';

create table customers.pinned_fields (
  org_id uuid not null,
  customer_id uuid not null,
  field text not null,
  value text not null check (value <> ''),
  pinned_by text not null,
  pinned_at timestamptz not null,
  primary key (org_id, customer_id, field)
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['golden_rules', 'golden_turns', 'pinned_fields'] loop
    execute format('alter table customers.%I enable row level security', tenant_table);
    execute format('alter table customers.%I force row level security', tenant_table);
    execute format('create policy tenant on customers.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', tenant_table);
    execute format('grant select, insert, update, delete on customers.%I to :app', tenant_table);
  end loop;
end
$$;

-- The loop has to learn which organisations have customers that do not follow yet: relay sees that there are some, and of whom.
create policy routing on customers.golden_turns for select to :relay using (true);
grant select (org_id, state, requested_at) on customers.golden_turns to :relay;
