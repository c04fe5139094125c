-- customers: tasks and notes, ticket categories, engagement of people, renewals, and kinds of companies
create table customers.tasks (
  id uuid primary key,
  org_id uuid not null,
  integration_id uuid not null,
  external_id text not null,
  subject text not null,
  -- HubSpot says HTML; what is shown is its text.
  body text,
  status text not null,
  priority text,
  task_type text,
  is_open boolean not null,
  due_at timestamptz not null,
  owner_id uuid,
  company_external_id text,
  contact_external_id text,
  deal_external_id text,
  ticket_external_id text,
  properties jsonb not null,
  source_created_at timestamptz not null,
  modified_at timestamptz,
  valid_from timestamptz not null,
  gone_at timestamptz,
  merged_into uuid
) with (fillfactor = 90);
create unique index tasks_by_record on customers.tasks (org_id, integration_id, external_id);

create table customers.notes (
  id uuid primary key,
  org_id uuid not null,
  integration_id uuid not null,
  external_id text not null,
  body text,
  noted_at timestamptz not null,
  owner_id uuid,
  company_external_id text,
  contact_external_id text,
  deal_external_id text,
  ticket_external_id text,
  properties jsonb not null,
  source_created_at timestamptz not null,
  modified_at timestamptz,
  valid_from timestamptz not null,
  gone_at timestamptz,
  merged_into uuid
) with (fillfactor = 90);
create unique index notes_by_record on customers.notes (org_id, integration_id, external_id);

-- OTHER until the record is read, or its portal is looked through, for the first time since.
alter table customers.tickets add column category text not null default 'OTHER', add column subcategory text;
-- Not the organisation first: see companies_by_customer. A list of all is put together from its few categories.
create index tickets_by_category on customers.tickets (category, org_id, source_created_at desc, id desc) where gone_at is null;

-- Who is engaged most comes first; rises with time for nobody, so that an order once written stays right. 0: no sign of engagement.
alter table customers.contacts add column engagement_rank bigint not null default 0;

alter table customers.deals
  add column previous_stage text,
  add column stage_changed_at timestamptz,
  -- The end of the contract that the deal renews, where the portal says it; a deal without one is due when it closes.
  add column contract_end timestamptz;
create index deals_by_due on customers.deals (is_open, org_id, (coalesce(contract_end, close_date)) desc, id desc) where gone_at is null;

-- What a stage says of a renewal by itself, before anybody decides otherwise, and whether its pipeline is about renewals only.
alter table customers.stages add column renewal_stage text, add column renews boolean not null default false;

create table customers.renewal_stages (
  org_id uuid not null,
  integration_id uuid not null,
  pipeline_id text not null,
  stage_id text not null,
  renewal_stage text not null,
  primary key (org_id, integration_id, pipeline_id, stage_id)
);

alter table customers.companies add column kind text;
alter table customers.customers add column kind text not null default 'OTHER';
create index customers_by_kind on customers.customers (org_id, kind, name_key, id) where merged_into is null and gone_at is null;

create table customers.company_kinds (
  org_id uuid not null,
  integration_id uuid not null,
  property text not null check (property in ('type', 'lifecyclestage')),
  value text not null,
  kind text not null,
  primary key (org_id, integration_id, property, value)
);

-- How often each set of a portal's rules was changed: what a later change is measured against.
create table customers.rule_versions (
  org_id uuid not null,
  integration_id uuid not null,
  rules text not null check (rules in ('RENEWAL_STAGES', 'COMPANY_KINDS')),
  version integer not null,
  updated_at timestamptz not null,
  primary key (org_id, integration_id, rules)
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['tasks', 'notes', 'renewal_stages', 'company_kinds', 'rule_versions'] loop
    execute format('alter table customers.%I enable row level security', tenant_table);
    execute format('alter table customers.%I force row level security', tenant_table);
    execute format('create policy tenant on customers.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', tenant_table);
    execute format('grant select, insert, update, delete on customers.%I to :app', tenant_table);
  end loop;
end
$$;
