-- hub: organisations, who belongs to them, their keys, and the read model of connections and sync runs
create table hub.organisations (
  org_id uuid primary key,
  slug text not null,
  name text not null,
  -- IANA name
  time_zone text not null,
  created_at timestamptz not null
);
alter table hub.organisations enable row level security;
alter table hub.organisations force row level security;
create policy own_organisation on hub.organisations to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update on hub.organisations to :app;

-- Routing: which organisation a slug means, asked before any organisation is known.
create table hub.organisation_routes (
  slug text primary key,
  org_id uuid not null unique
);
alter table hub.organisation_routes enable row level security;
alter table hub.organisation_routes force row level security;
create policy own_organisation on hub.organisation_routes to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy relay on hub.organisation_routes for select to :relay using (true);
grant select, insert on hub.organisation_routes to :app;
grant select on hub.organisation_routes to :relay;

-- A person as the identity provider last described them.
create table hub.members (
  org_id uuid not null,
  -- The provider's subject
  id text not null,
  name text not null,
  email text,
  roles text[] not null,
  primary key (org_id, id)
);
alter table hub.members enable row level security;
alter table hub.members force row level security;
create policy own_organisation on hub.members to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update on hub.members to :app;

create table hub.api_keys (
  org_id uuid not null,
  id uuid not null,
  name text not null,
  prefix text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  created_by text not null,
  -- To the hour, so that a busy key is not a busy row
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (org_id, id)
);
create index api_keys_newest on hub.api_keys (org_id, created_at desc, id desc);
alter table hub.api_keys enable row level security;
alter table hub.api_keys force row level security;
create policy own_organisation on hub.api_keys to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update on hub.api_keys to :app;

-- Routing: which key of which organisation a text is. A key is 256 random bits, so its plain SHA-256 gives nothing away.
create table hub.key_routes (
  hash bytea primary key,
  org_id uuid not null,
  key_id uuid not null
);
alter table hub.key_routes enable row level security;
alter table hub.key_routes force row level security;
create policy own_organisation on hub.key_routes to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy relay on hub.key_routes for select to :relay using (true);
grant select, insert on hub.key_routes to :app;
grant select on hub.key_routes to :relay;

-- Read model, written by events of the subgraphs that own the connections.
create table hub.integrations (
  org_id uuid not null,
  id text not null,
  name text not null,
  system text not null,
  status text not null,
  last_sync_at timestamptz,
  primary key (org_id, id)
);
alter table hub.integrations enable row level security;
alter table hub.integrations force row level security;
create policy own_organisation on hub.integrations to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update on hub.integrations to :app;

-- Read model of the runs of all systems.
create table hub.sync_runs (
  org_id uuid not null,
  id text not null,
  system text not null,
  integration_id text not null,
  mode text not null,
  state text not null,
  done integer not null,
  total integer,
  created integer not null,
  updated integer not null,
  skipped integer not null,
  deleted integer not null,
  failed integer not null,
  conflicts integer not null,
  api_calls integer not null,
  -- Records per second
  rate double precision not null,
  eta timestamptz,
  -- Whole milliseconds: what a cursor can carry
  requested_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  error text,
  -- [{type, done, total, complete}]
  types jsonb not null,
  primary key (org_id, id)
);
create index sync_runs_newest on hub.sync_runs (org_id, requested_at desc, id desc);
create index sync_runs_of_integration on hub.sync_runs (org_id, integration_id, requested_at desc, id desc);
alter table hub.sync_runs enable row level security;
alter table hub.sync_runs force row level security;
create policy own_organisation on hub.sync_runs to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update on hub.sync_runs to :app;
