-- customers: which requests for prices belong to which deals
-- Requests as inventory has told of them: what a deal says of them, and what a list of them is filtered and ordered by.
create table customers.rfqs (
  org_id uuid not null,
  id uuid not null,
  account_id text not null,
  -- Null while only an earlier version has told of it.
  number text,
  c3_rfq_id text,
  -- The same in capitals: people write them as they like.
  number_key text,
  c3_key text,
  status text not null check (status in ('OPEN', 'QUOTED', 'WON', 'LOST', 'EXPIRED')),
  total numeric,
  currency text,
  created_at timestamptz not null,
  observed_at timestamptz not null,
  gone_at timestamptz,
  primary key (org_id, id)
);
create index rfqs_by_number on customers.rfqs (org_id, number_key) where gone_at is null;
create index rfqs_by_c3_id on customers.rfqs (org_id, c3_key) where gone_at is null;
create index rfqs_of_account on customers.rfqs (org_id, account_id) where gone_at is null;

-- What deals' records say of requests, as it was last read or written, in capitals: what somebody has added or taken away there since is known by it.
create table customers.rfq_mentions (
  org_id uuid not null,
  deal_id uuid not null,
  kind text not null check (kind in ('NUMBER', 'C3_ID')),
  name text not null check (length(name) between 1 and 50),
  primary key (org_id, deal_id, kind, name)
);
create index rfq_mentions_by_name on customers.rfq_mentions (org_id, kind, name);

create table customers.rfq_deals (
  org_id uuid not null,
  rfq_id uuid not null,
  deal_id uuid not null,
  -- UNLINKED: somebody has taken it away; it does not come back by itself.
  state text not null check (state in ('LINKED', 'UNLINKED')),
  linked_by text not null check (linked_by in ('PROPERTY', 'MANUAL', 'AUTO')),
  linked_at timestamptz not null,
  primary key (org_id, rfq_id, deal_id)
);
create index rfq_deals_of_deal on customers.rfq_deals (org_id, deal_id);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['rfqs', 'rfq_mentions', 'rfq_deals'] loop
    execute format('alter table customers.%I enable row level security', tenant_table);
    execute format('alter table customers.%I force row level security', tenant_table);
    execute format(
      'create policy tenant on customers.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', tenant_table);
  end loop;
end
$$;
grant select, insert, update, delete on customers.rfqs, customers.rfq_mentions, customers.rfq_deals to :app;

alter table customers.integrations add column auto_link_rfqs boolean not null default false;
