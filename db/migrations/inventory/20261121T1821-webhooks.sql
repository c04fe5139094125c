-- inventory: where C3 posts what has changed, what it is signed with, what it told, and what became of it
alter table inventory.integrations
  -- Where C3 posts; null while it posts nowhere.
  add column webhook_url text,
  add column webhook_set_at timestamptz,
  -- For people: why C3 could not be told where to post. Null while it could.
  add column webhook_error text,
  add column webhook_error_at timestamptz;

-- What C3 signs its webhooks with. Sealed for this organisation, connection and row; never plain. Several count while one takes over.
create table inventory.webhook_secrets (
  id uuid primary key,
  org_id uuid not null,
  integration_id uuid not null,
  secret_sealed text not null,
  made_at timestamptz not null,
  -- When C3 was told of it; null while it was not: it counts all the same, since an answer may be lost.
  set_at timestamptz,
  -- Until when it counts; null: for good.
  ends_at timestamptz
);
create index webhook_secrets_of_connection on inventory.webhook_secrets (integration_id, made_at desc);

-- What of one POST concerned one connection. What records say is never kept: they are read.
create table inventory.webhook_deliveries (
  id uuid primary key,
  org_id uuid not null,
  integration_id uuid not null,
  -- As C3 names the account and the delivery.
  account_id text not null,
  delivery_id text not null,
  received_at timestamptz not null,
  oldest_event_at timestamptz,
  attempt integer not null,
  events jsonb not null,
  -- The records they were about, as [type, external id]: what has to be read again.
  records jsonb not null,
  event_count integer not null,
  ignored_count integer not null,
  duplicate_count integer not null,
  status text not null check (status in ('RECEIVED', 'APPLIED', 'FAILED', 'IGNORED', 'UNROUTABLE')),
  applied_at timestamptz,
  -- Only where somebody had it read again.
  replayed_at timestamptz,
  -- Since when its records have been waiting to be read.
  noted_at timestamptz not null,
  raw_sealed text
);
create index webhook_deliveries_newest on inventory.webhook_deliveries (org_id, received_at desc, id desc);
create index webhook_deliveries_waiting on inventory.webhook_deliveries (org_id, noted_at) where status = 'RECEIVED';
create index webhook_deliveries_old on inventory.webhook_deliveries (received_at);

-- Each event once, however often it is sent.
create table inventory.webhook_events (
  org_id uuid not null,
  integration_id uuid not null,
  hash bytea not null,
  received_at timestamptz not null,
  seen integer not null,
  primary key (integration_id, hash)
) with (fillfactor = 90);
create index webhook_events_old on inventory.webhook_events (org_id, received_at);

-- What is left of deliveries when they are forgotten. Days are of UTC.
create table inventory.webhook_days (
  org_id uuid not null,
  integration_id uuid not null,
  day date not null,
  deliveries integer not null,
  events integer not null,
  ignored integer not null,
  duplicates integer not null,
  applied integer not null,
  latency_ms bigint not null,
  primary key (org_id, integration_id, day)
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['webhook_secrets', 'webhook_deliveries', 'webhook_events', 'webhook_days'] loop
    execute format('alter table inventory.%I enable row level security', tenant_table);
    execute format('alter table inventory.%I force row level security', tenant_table);
    execute format('create policy tenant on inventory.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', tenant_table);
    execute format('grant select, insert, update, delete on inventory.%I to :app', tenant_table);
  end loop;
end
$$;
-- A message names a connection and no organisation, so whose it is is looked up before any organisation is known: without the secrets.
create policy routing on inventory.webhook_secrets for select to :relay using (true);
grant select (org_id, integration_id) on inventory.webhook_secrets to :relay;
-- Whoever settles and forgets deliveries has to learn which organisations have some.
create policy routing on inventory.webhook_deliveries for select to :relay using (true);
grant select (org_id, status, received_at) on inventory.webhook_deliveries to :relay;
