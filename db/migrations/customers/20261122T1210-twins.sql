-- customers: which customers that only C3 or WARP knows are made companies of a portal
create table customers.twin_policies (
  org_id uuid not null,
  integration_id uuid not null,
  is_on boolean not null,
  systems text[] not null check (systems <@ array['C3', 'WARP'] and cardinality(systems) > 0),
  conditions text[] not null check (conditions <@ array['DOMAIN', 'BILLING', 'REQUEST']),
  version integer not null check (version > 1),
  updated_at timestamptz not null,
  primary key (org_id, integration_id)
);
alter table customers.twin_policies enable row level security;
alter table customers.twin_policies force row level security;
create policy tenant on customers.twin_policies to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.twin_policies to :app;

-- The clock has to learn for which portals there is something to look for: relay sees that, and of whom.
create policy routing on customers.twin_policies for select to :relay using (true);
grant select (org_id, integration_id, is_on) on customers.twin_policies to :relay;

-- Customers that HubSpot has never known, or does not know any more since their company was put elsewhere.
create index customers_without_company on customers.customers (org_id, id)
  where lead_company_id is null and merged_into is null and gone_at is null;
