-- customers: what insights has told of customers beyond their health, field by field, so that the newest word holds in whatever order it comes
create table customers.insight_fields (
  org_id uuid not null,
  customer_id uuid not null,
  field text not null check (length(field) between 1 and 60),
  -- Null: it is no longer known.
  value jsonb,
  confidence numeric not null,
  as_of timestamptz not null,
  primary key (org_id, customer_id, field)
);
alter table customers.insight_fields enable row level security;
alter table customers.insight_fields force row level security;
create policy tenant on customers.insight_fields to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.insight_fields to :app;
