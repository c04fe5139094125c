-- customers: what HubSpot's webhooks told, what became of it, and which connection a portal belongs to

-- A delivery names a portal and no organisation, so whose it is is looked up before any organisation is known.
create index integrations_by_portal on customers.integrations (portal_id) where portal_id is not null;
create policy routing on customers.integrations for select to :relay using (true);
-- Of a connection only what tells where to: no name, no address, no credential.
grant select (id, org_id, portal_id, status) on customers.integrations to :relay;

-- What of one POST concerned one connection. Values of properties are never kept: they are read from the record.
create table customers.webhook_deliveries (
  id uuid primary key,
  org_id uuid not null,
  integration_id uuid not null,
  portal_id text not null,
  -- The address it was sent to: '' for the one of all types.
  receiver text not null,
  received_at timestamptz not null,
  oldest_event_at timestamptz,
  attempt integer not null,
  -- As they were told, without values: new ones only.
  events jsonb not null,
  -- The records they were about, as [type, external id]: what has to be read again.
  records jsonb not null,
  event_count integer not null,
  ignored_count integer not null,
  duplicate_count integer not null,
  status text not null check (status in ('RECEIVED', 'APPLIED', 'FAILED', 'IGNORED', 'UNROUTABLE')),
  applied_at timestamptz,
  replayed_at timestamptz,
  -- Since when its records have been waiting to be read: when it came, or was last replayed.
  noted_at timestamptz not null
);
create index webhook_deliveries_newest on customers.webhook_deliveries (org_id, received_at desc, id desc);
create index webhook_deliveries_waiting on customers.webhook_deliveries (org_id, noted_at) where status = 'RECEIVED';
create index webhook_deliveries_old on customers.webhook_deliveries (received_at);

-- Each event once, however often it is sent.
create table customers.webhook_events (
  org_id uuid not null,
  integration_id uuid not null,
  hash bytea not null,
  received_at timestamptz not null,
  seen integer not null,
  primary key (integration_id, hash)
) with (fillfactor = 90);
create index webhook_events_old on customers.webhook_events (org_id, received_at);

-- What is left of deliveries when they are forgotten. Days are of UTC.
create table customers.webhook_days (
  org_id uuid not null,
  integration_id uuid not null,
  day date not null,
  deliveries integer not null,
  events integer not null,
  ignored integer not null,
  duplicates integer not null,
  applied integer not null,
  -- Of the applied ones, so that an average can be told.
  latency_ms bigint not null,
  primary key (org_id, integration_id, day)
);

-- People whom HubSpot was told to forget. They stay until it is done here too.
create table customers.privacy_requests (
  org_id uuid not null,
  integration_id uuid not null,
  external_id text not null,
  requested_at timestamptz not null,
  completed_at timestamptz,
  primary key (org_id, integration_id, external_id)
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['webhook_deliveries', 'webhook_events', 'webhook_days', 'privacy_requests'] loop
    execute format('alter table customers.%I enable row level security', tenant_table);
    execute format('alter table customers.%I force row level security', tenant_table);
    execute format('create policy tenant on customers.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', tenant_table);
    execute format('grant select, insert, update, delete on customers.%I to :app', tenant_table);
  end loop;
end
$$;
-- Whoever settles and forgets deliveries has to learn which organisations have some.
create policy routing on customers.webhook_deliveries for select to :relay using (true);
grant select (org_id, status, received_at) on customers.webhook_deliveries to :relay;

-- Portals that nobody here is connected to. They belong to no organisation, so no organisation sees them.
create table customers.unroutable_portals (
  portal_id text primary key,
  first_at timestamptz not null,
  last_at timestamptz not null,
  deliveries bigint not null,
  events bigint not null
);
grant select, insert, update, delete on customers.unroutable_portals to :relay;
