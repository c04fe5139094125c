-- customers: for which reasons the hub has made records in a portal by itself, so that one reason makes one and not one each time
create table customers.raised (
  org_id uuid not null,
  integration_id uuid not null,
  reason text not null,
  -- What the reason is about: a company's id, a trunk's.
  about text not null,
  record_type text not null check (record_type in ('deals', 'tickets', 'tasks')),
  record_id uuid not null,
  -- How often it was raised.
  times integer not null check (times > 0),
  -- While it stands, no other is made; the next one may be when it has gone and come back.
  stands boolean not null,
  raised_at timestamptz not null,
  primary key (org_id, integration_id, reason, about)
);
alter table customers.raised enable row level security;
alter table customers.raised force row level security;
create policy tenant on customers.raised to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.raised to :app;
