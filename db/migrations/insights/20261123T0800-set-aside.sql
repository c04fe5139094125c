-- insights: customers that could not be judged are set aside, so that they hold nobody up
create table insights.set_aside (
  org_id uuid not null,
  customer_id text not null,
  -- A code of what failed, without any value.
  reason text not null,
  -- How often in a row.
  failures integer not null,
  since timestamptz not null,
  last_at timestamptz not null,
  primary key (org_id, customer_id)
);
alter table insights.set_aside enable row level security;
alter table insights.set_aside force row level security;
create policy tenant on insights.set_aside to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on insights.set_aside to :app;
