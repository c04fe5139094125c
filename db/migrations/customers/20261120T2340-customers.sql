-- customers: connections to HubSpot, its records, who is who, and the customers put together from them
create extension if not exists pg_trgm;

create table customers.integrations (
  id uuid primary key,
  org_id uuid not null,
  name text not null,
  base_url text not null,
  portal_id text,
  currency text,
  -- Sealed for this organisation and row; never plain.
  token_sealed text not null,
  status text not null default 'ACTIVE' check (status in ('ACTIVE', 'NEEDS_REAUTH', 'PAUSED')),
  -- Properties to read, by type, as the portal last named them.
  properties jsonb not null default '{}',
  prepared_at timestamptz,
  last_sync_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index integrations_by_org on customers.integrations (org_id, created_at, id);

create table customers.customers (
  id uuid primary key,
  org_id uuid not null,
  name text not null,
  -- Without legal forms, accents and punctuation: what names are compared by.
  normal_name text not null,
  domain text,
  industry text,
  lifecycle_stage text,
  owner_id uuid,
  -- The HubSpot record that speaks for it; null when HubSpot does not know it.
  lead_company_id uuid,
  identity_version integer not null default 1,
  merged_into uuid,
  -- Set while none of its accounts is live.
  gone_at timestamptz,
  -- Copied in by event, to filter and order by; the value shown comes from its owner.
  health_score numeric,
  health_as_of timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- One column per order that an index can walk; cut, since an index entry has a longest size and a name has none.
  name_key text collate "C" not null generated always as (left(lower(name), 200)) stored,
  -- Hundredths, whole: under row level security an index is not asked with numerics.
  health_rank integer not null generated always as (coalesce(round(health_score * 100)::integer, 10000000)) stored,
  search_text text not null generated always as (lower(left(name, 300) || ' ' || coalesce(domain, ''))) stored
);
create index customers_by_name on customers.customers (org_id, name_key, id) where merged_into is null and gone_at is null;
create index customers_by_health on customers.customers (org_id, health_rank, id) where merged_into is null and gone_at is null;
create index customers_by_change on customers.customers (org_id, updated_at desc, id desc) where merged_into is null and gone_at is null;
create index customers_merged on customers.customers (org_id, merged_into) where merged_into is not null;
create index customers_search on customers.customers using gin (search_text gin_trgm_ops) with (gin_pending_list_limit = 256);

create table customers.companies (
  id uuid primary key,
  org_id uuid not null,
  integration_id uuid not null,
  external_id text not null,
  customer_id uuid not null,
  name text not null,
  normal_name text not null,
  domain text,
  -- Registrable domain, unless everybody's (free mail): what accounts are matched by.
  match_domain text,
  industry text,
  lifecycle_stage text,
  owner_id uuid,
  -- Everything HubSpot said, in its own words; the columns are what we ask for by name.
  properties jsonb not null,
  source_created_at timestamptz,
  modified_at timestamptz,
  valid_from timestamptz not null,
  gone_at timestamptz,
  merged_into uuid
) with (fillfactor = 90);
create unique index companies_by_record on customers.companies (org_id, integration_id, external_id);
-- The telling column first: while there are no statistics yet the planner takes an index that begins with the organisation
-- for every look-up of that organisation, and reads all of it.
create index companies_by_customer on customers.companies (customer_id);
create index companies_by_domain on customers.companies (match_domain) where gone_at is null;

create table customers.contacts (
  id uuid primary key,
  org_id uuid not null,
  integration_id uuid not null,
  external_id text not null,
  email text,
  first_name text,
  last_name text,
  phone text,
  job_title text,
  owner_id uuid,
  -- The primary company's record; it may not be here yet.
  company_external_id text,
  properties jsonb not null,
  source_created_at timestamptz,
  modified_at timestamptz,
  valid_from timestamptz not null,
  gone_at timestamptz,
  merged_into uuid,
  name_key text collate "C" not null generated always as (
    left(lower(coalesce(last_name, '') || ' ' || coalesce(first_name, '') || ' ' || coalesce(email, '')), 200)) stored
) with (fillfactor = 90);
create unique index contacts_by_record on customers.contacts (org_id, integration_id, external_id);

create table customers.deals (
  id uuid primary key,
  org_id uuid not null,
  integration_id uuid not null,
  external_id text not null,
  name text not null,
  amount numeric,
  currency text,
  pipeline text not null,
  stage text not null,
  is_open boolean not null,
  is_won boolean,
  close_date timestamptz,
  owner_id uuid,
  company_external_id text,
  properties jsonb not null,
  source_created_at timestamptz not null,
  modified_at timestamptz,
  valid_from timestamptz not null,
  gone_at timestamptz,
  merged_into uuid
) with (fillfactor = 90);
create unique index deals_by_record on customers.deals (org_id, integration_id, external_id);

create table customers.tickets (
  id uuid primary key,
  org_id uuid not null,
  integration_id uuid not null,
  external_id text not null,
  subject text not null,
  pipeline text not null,
  stage text not null,
  is_open boolean not null,
  priority text,
  closed_at timestamptz,
  company_external_id text,
  properties jsonb not null,
  source_created_at timestamptz not null,
  modified_at timestamptz,
  valid_from timestamptz not null,
  gone_at timestamptz,
  merged_into uuid
) with (fillfactor = 90);
create unique index tickets_by_record on customers.tickets (org_id, integration_id, external_id);

-- Who is linked with whom, by the source's own ids: records of the two ends arrive in any order.
create table customers.edges (
  org_id uuid not null,
  integration_id uuid not null,
  from_type text not null,
  from_id text not null,
  to_type text not null,
  to_id text not null,
  is_primary boolean not null,
  primary key (org_id, integration_id, from_type, from_id, to_type, to_id)
);
create index edges_back on customers.edges (to_id, to_type, from_type);

create table customers.owners (
  id uuid primary key,
  org_id uuid not null,
  integration_id uuid not null,
  external_id text not null,
  email text,
  name text,
  is_active boolean not null
);
create unique index owners_by_record on customers.owners (org_id, integration_id, external_id);

create table customers.stages (
  org_id uuid not null,
  integration_id uuid not null,
  type text not null,
  pipeline_id text not null,
  stage_id text not null,
  pipeline_label text not null,
  label text not null,
  position integer not null,
  is_open boolean not null,
  is_won boolean,
  probability numeric,
  primary key (org_id, integration_id, type, pipeline_id, stage_id)
);

-- An account of a customer in one system. `account_id` is the id that events carry: ours for HubSpot companies, the system's own otherwise.
create table customers.identities (
  org_id uuid not null,
  system text not null check (system in ('HUBSPOT', 'C3', 'WARP')),
  account_id text not null,
  -- The id the account has there, as people know it.
  external_id text not null,
  integration_id text,
  customer_id uuid not null,
  -- The customer it is when it is nobody else's.
  own_customer_id uuid not null,
  linked_by text not null check (linked_by in ('OWN', 'DOMAIN', 'MANUAL')),
  name text not null,
  normal_name text not null,
  domain text,
  match_domain text,
  observed_at timestamptz,
  gone_at timestamptz,
  created_at timestamptz not null,
  primary key (org_id, system, account_id)
);
create index identities_by_customer on customers.identities (customer_id);
create index identities_by_domain on customers.identities (match_domain) where system <> 'HUBSPOT';

-- What a record said before: [valid_from, valid_to).
create table customers.versions (
  org_id uuid not null,
  type text not null,
  record_id uuid not null,
  valid_from timestamptz not null,
  valid_to timestamptz not null,
  properties jsonb not null
);
create index versions_by_record on customers.versions (record_id, valid_from);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['integrations', 'customers', 'companies', 'contacts', 'deals', 'tickets', 'edges', 'owners',
    'stages', 'identities', 'versions'] loop
    execute format('alter table customers.%I enable row level security', tenant_table);
    execute format('alter table customers.%I force row level security', tenant_table);
    execute format('create policy tenant on customers.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', tenant_table);
    execute format('grant select, insert, update, delete on customers.%I to :app', tenant_table);
  end loop;
end
$$;

-- Row level security keeps trigram operators from using an index, so searching is done by the owner, who sees names only for this.
create policy search on customers.customers for select to :owner using (true);

-- Customers of the organisation in the setting whose name or domain holds the words, typing errors forgiven.
create function customers.matching(words text, most integer) returns setof uuid
language sql stable security definer set search_path = customers, public, pg_temp
set pg_trgm.word_similarity_threshold = 0.5 set enable_seqscan = off as $$
  select id from (
    select id from customers.customers
    where search_text like '%' || replace(replace(replace(lower(words), '\', '\\'), '%', '\%'), '_', '\_') || '%'
      and org_id = nullif(current_setting('hub.org_id', true), '')::uuid and merged_into is null and gone_at is null
    union
    select id from customers.customers
    where lower(words) <% search_text
      and org_id = nullif(current_setting('hub.org_id', true), '')::uuid and merged_into is null and gone_at is null
  ) found limit most
$$;
revoke all on function customers.matching from public;
grant execute on function customers.matching to :app;
