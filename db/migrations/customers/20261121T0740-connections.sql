-- customers: how a connection signs in at HubSpot, what it may do there, and how it is kept in step
alter table customers.integrations
  add column hub_domain text,
  -- IANA name: at its midnight the account's daily limit is reset.
  add column time_zone text,
  -- What HubSpot says was granted; null while nobody has told, as with a private app's token.
  add column granted_scopes text[],
  -- What HubSpot has refused calls for since the last connecting.
  add column lacking_scopes text[] not null default '{}',
  add column direction text not null default 'BIDIRECTIONAL' check (direction in ('BIDIRECTIONAL', 'IN', 'OUT')),
  add column frequency text not null default 'FIVE_MINUTES'
    check (frequency in ('REALTIME', 'FIVE_MINUTES', 'HOURLY', 'DAILY', 'MANUAL')),
  add column auto_enrich boolean not null default false,
  add column auto_score boolean not null default false,
  add column auto_assign boolean not null default false,
  add column auto_create_tasks boolean not null default false,
  add column auto_create_deals boolean not null default false,
  -- Which records take part, as a list of rules; empty: all.
  add column inclusion jsonb not null default '[]',
  -- Goes up when somebody changes how it is kept in step.
  add column settings_version integer not null default 1,
  add column sync_count integer not null default 0,
  -- For people: what went wrong last and what to do. Null since the last sync that went well.
  add column last_error text,
  add column last_error_at timestamptz,
  -- Somebody ended the connection; what it brought may still be here.
  add column disconnected_at timestamptz,
  -- Tokens have a table of their own; this one is written beside it while older code may run, and is empty after disconnecting.
  alter column token_sealed drop not null;

-- What opens a portal. Sealed for this organisation and connection; never plain.
create table customers.credentials (
  org_id uuid not null,
  integration_id uuid primary key,
  mode text not null check (mode in ('TOKEN', 'OAUTH')),
  access_sealed text not null,
  refresh_sealed text,
  issued_at timestamptz not null,
  -- Null: it lasts until somebody takes it back.
  expires_at timestamptz,
  -- Goes up with every new token: whoever found one expired sees whether there is a newer.
  generation integer not null default 1,
  -- A renewal that was begun. It is written down before HubSpot is asked, so that a crash in between is seen.
  renewal_id uuid,
  renewal_until timestamptz,
  renewal_not_before timestamptz,
  renewal_failures integer not null default 0,
  updated_at timestamptz not null,
  check (mode = 'TOKEN' or refresh_sealed is not null)
);

-- When a token is due to be renewed and which key it is sealed with: what workers look for across organisations. No secrets.
create table customers.renewals (
  org_id uuid not null,
  integration_id uuid primary key,
  due_at timestamptz,
  sealed_by text not null
);
create index renewals_due on customers.renewals (due_at) where due_at is not null;
create index renewals_by_key on customers.renewals (sealed_by);

-- Somebody is on the way to HubSpot to grant access. Single use, short-lived; the state and the browser's half are kept as hashes.
create table customers.connection_attempts (
  org_id uuid not null,
  state_hash text not null,
  browser_hash text not null,
  principal_kind text not null,
  principal_id text not null,
  name text,
  capabilities text[] not null,
  portal_hint text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (org_id, state_hash)
);
create index connection_attempts_by_end on customers.connection_attempts (org_id, expires_at);

-- Directions and kinds of record that somebody has paused. `*`: every kind.
create table customers.pauses (
  org_id uuid not null,
  integration_id uuid not null,
  direction text not null check (direction in ('IN', 'OUT')),
  type text not null,
  paused_at timestamptz not null,
  primary key (org_id, integration_id, direction, type)
);

-- Tokens that are here already. The owner is under row level security like everybody, so it is lifted for this transaction:
-- the table is locked meanwhile, nobody else sees it open.
alter table customers.integrations no force row level security;
insert into customers.credentials (org_id, integration_id, mode, access_sealed, issued_at, updated_at)
select org_id, id, 'TOKEN', token_sealed, updated_at, updated_at from customers.integrations where token_sealed is not null;
insert into customers.renewals (org_id, integration_id, sealed_by)
select org_id, id, split_part(token_sealed, '.', 2) from customers.integrations where token_sealed is not null;
alter table customers.integrations force row level security;

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['credentials', 'renewals', 'connection_attempts', 'pauses'] loop
    execute format('alter table customers.%I enable row level security', tenant_table);
    execute format('alter table customers.%I force row level security', tenant_table);
    execute format('create policy tenant on customers.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', tenant_table);
    execute format('grant select, insert, update, delete on customers.%I to :app', tenant_table);
  end loop;
end
$$;
-- Workers look for tokens of every organisation that are due, and then work as the connection's own.
create policy routing on customers.renewals for select to :relay using (true);
grant select on customers.renewals to :relay;
