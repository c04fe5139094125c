-- inventory: what C3 says of a connection's account, how the connection is kept in step, and what somebody has paused of it
alter table inventory.integrations
  -- Somebody else than whoever runs the hub has named the address: it is only called where it leads into the world.
  add column is_guarded boolean not null default false,
  -- C3's own name for the account that the key speaks for; null while C3 was not asked.
  add column account_id text,
  add column account_name text,
  add column api_version text,
  -- IANA name: where its nights are.
  add column time_zone text,
  -- What C3 says the key may do, such as rfqs:read; null while C3 was not asked.
  add column permissions text[],
  -- What C3 has refused calls for since it was last asked.
  add column lacking_permissions text[] not null default '{}',
  -- The calls it grants the key; null while C3 was not asked.
  add column calls integer check (calls > 0),
  add column calls_seconds integer check (calls_seconds > 0),
  -- The kinds of record of which it tells by webhook.
  add column webhook_kinds text[] not null default '{}',
  -- When C3 was last asked all this.
  add column asked_at timestamptz,
  add column direction text not null default 'BIDIRECTIONAL' check (direction in ('BIDIRECTIONAL', 'IN', 'OUT')),
  add column frequency text not null default 'REALTIME'
    check (frequency in ('REALTIME', 'FIVE_MINUTES', 'HOURLY', 'DAILY', 'MANUAL')),
  -- What is done each night: everything is read, or everything is compared and what differs is told of.
  add column nightly text not null default 'FULL' check (nightly in ('FULL', 'RECONCILE')),
  add column delete_percent integer not null default 2 check (delete_percent between 0 and 100),
  add column change_percent integer not null default 20 check (change_percent between 0 and 100),
  -- Goes up when somebody changes how it is kept in step.
  add column settings_version integer not null default 1,
  add column sync_count integer not null default 0,
  -- For people: what went wrong last and what to do. Null since the last sync that went well.
  add column last_error text,
  add column last_error_at timestamptz,
  -- The mode of the run that is to follow the one under way: somebody has changed what it should read.
  add column wanted_run text check (wanted_run in ('INCREMENTAL', 'RECONCILE')),
  -- Somebody ended the connection; what it brought may still be here. Its key is not.
  add column disconnected_at timestamptz,
  alter column api_key drop not null;
create index integrations_by_account on inventory.integrations (org_id, account_id) where account_id is not null;

create table inventory.pauses (
  org_id uuid not null,
  integration_id uuid not null,
  direction text not null check (direction in ('IN', 'OUT')),
  -- A kind of record, or * for all of them.
  type text not null,
  paused_at timestamptz not null,
  primary key (org_id, integration_id, direction, type)
);
alter table inventory.pauses enable row level security;
alter table inventory.pauses force row level security;
create policy tenant on inventory.pauses to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on inventory.pauses to :app;
