-- insights: what is found of a customer beyond its health: method by method, in one document, as it was when it last moved
create table insights.findings (
  org_id uuid not null,
  customer_id text not null,
  -- By the method's name. Kept as it was written, so that what has not moved is known by its text.
  found json not null,
  as_of timestamptz not null,
  primary key (org_id, customer_id)
);

alter table insights.findings enable row level security;
alter table insights.findings force row level security;
create policy tenant on insights.findings to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on insights.findings to :app;
