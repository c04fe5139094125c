-- customers: giving the contacts that nobody looks after to colleagues goes on in the background, and says how far it is
-- Since when contacts are given without anybody asking; null: they are not, or those that were there before are still to be looked at.
alter table customers.integrations add column assigns_since timestamptz;

create table customers.assignment_runs (
  org_id uuid not null,
  integration_id uuid not null,
  -- The last contact that was looked at.
  after uuid,
  contacts integer not null check (contacts >= 0),
  looked_at integer not null default 0 check (looked_at >= 0),
  assigned integer not null default 0 check (assigned >= 0),
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (org_id, integration_id)
);
alter table customers.assignment_runs enable row level security;
alter table customers.assignment_runs force row level security;
create policy tenant on customers.assignment_runs to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.assignment_runs to :app;
