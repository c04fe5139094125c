-- customers: records of kinds that HubSpot does not know, as the hub wants portals to have them
create table customers.own_records (
  org_id uuid not null,
  id uuid not null,
  integration_id uuid not null,
  type text not null check (type in ('trunks', 'numbers')),
  external_id text not null check (length(external_id) between 1 and 200),
  -- By the portal's names, links to others among them.
  properties jsonb not null check (jsonb_typeof(properties) = 'object'),
  -- Records linked to that have no id in the portal yet, by their placeholders.
  waits_for text[] not null default '{}',
  created_at timestamptz not null,
  changed_at timestamptz not null,
  gone_at timestamptz,
  primary key (org_id, id),
  unique (org_id, integration_id, type, external_id)
);
-- Few wait at a time: whoever gets an id looks among these only.
create index own_records_waiting on customers.own_records (org_id, integration_id) where waits_for <> '{}';

alter table customers.own_records enable row level security;
alter table customers.own_records force row level security;
create policy tenant on customers.own_records to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.own_records to :app;
