-- customers: the properties that portals have, how they map to the hub's fields, and records that are derived anew
alter table customers.integrations add column catalog_read_at timestamptz;

create table customers.portal_properties (
  org_id uuid not null,
  integration_id uuid not null,
  type text not null check (type ~ '^[a-z0-9_-]{1,100}$'),
  name text collate "C" not null check (length(name) between 1 and 255),
  label text not null,
  description text not null,
  -- HubSpot's own words: string, number, enumeration … and how it is shown there.
  kind text not null,
  field_type text not null,
  group_name text not null,
  options jsonb not null check (jsonb_typeof(options) = 'array'),
  is_read_only boolean not null,
  is_calculated boolean not null,
  is_unique boolean not null,
  is_hubspot_defined boolean not null,
  is_sensitive boolean not null,
  -- Whether values of it are read, and have been asked for in a listing of all records.
  is_read boolean not null,
  retyped_from text,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  archived_at timestamptz,
  primary key (org_id, integration_id, type, name)
);

create table customers.property_changes (
  id uuid primary key,
  org_id uuid not null,
  integration_id uuid not null,
  type text not null,
  property text not null,
  label text not null,
  change text not null check (change in ('ADDED', 'ARCHIVED', 'RESTORED', 'RETYPED', 'RELABELLED', 'OPTION_ADDED', 'OPTION_REMOVED',
    'OPTION_RENAMED')),
  was text,
  becomes text,
  at timestamptz not null
);
create index property_changes_by_portal on customers.property_changes (org_id, integration_id, at desc, id desc);

-- One row per portal and kind of record. Only what differs from the hub's own mapping is in it.
create table customers.field_mappings (
  org_id uuid not null,
  integration_id uuid not null,
  type text not null,
  version integer not null default 1 check (version > 0),
  fields jsonb not null default '{}' check (jsonb_typeof(fields) = 'object'),
  -- Fields that wait until their problem is mended: {field: {code, property, since}}.
  paused jsonb not null default '{}' check (jsonb_typeof(paused) = 'object'),
  -- A property is wanted that was never read, or is back: the next run lists the kind's records again.
  relist boolean not null default false,
  relist_run uuid,
  updated_at timestamptz not null,
  updated_by text,
  primary key (org_id, integration_id, type)
);

-- Records whose columns are derived anew from what the portal had said, after a mapping was changed.
create table customers.rederivations (
  org_id uuid not null,
  integration_id uuid not null,
  type text not null,
  -- The mapping they are derived by, and the fields that it changed.
  version integer not null,
  fields text[] not null,
  state text not null check (state in ('RUNNING', 'DONE')),
  after_id uuid not null,
  done integer not null default 0 check (done >= 0),
  changed integer not null default 0 check (changed >= 0),
  total integer not null check (total >= 0),
  requested_at timestamptz not null,
  finished_at timestamptz check ((finished_at is null) = (state = 'RUNNING')),
  primary key (org_id, integration_id, type)
);
create index rederivations_running on customers.rederivations (requested_at) where state = 'RUNNING';

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['portal_properties', 'property_changes', 'field_mappings', 'rederivations'] loop
    execute format('alter table customers.%I enable row level security', tenant_table);
    execute format('alter table customers.%I force row level security', tenant_table);
    execute format('create policy tenant on customers.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', tenant_table);
    execute format('grant select, insert, update, delete on customers.%I to :app', tenant_table);
  end loop;
end
$$;

-- The loop has to learn which organisations have work: relay sees that there is some, and of whom.
create policy routing on customers.rederivations for select to :relay using (true);
grant select (org_id, integration_id, type, state, requested_at) on customers.rederivations to :relay;

-- What the code promises, the database holds it to. Not looked for in the rows there are: they were written by the same promise.
alter table customers.deals
  add constraint deals_currency_is_iso check (currency is null or currency ~ '^[A-Z]{3}$') not valid,
  add constraint deals_open_are_not_won check (not (is_open and is_won is not null)) not valid;
alter table customers.customers
  add constraint customers_health_in_range check (health_score between 0 and 100) not valid,
  add constraint customers_not_merged_into_themselves check (merged_into is null or merged_into <> id) not valid;
alter table customers.integrations
  add constraint integrations_have_a_name check (btrim(name) <> '') not valid;
