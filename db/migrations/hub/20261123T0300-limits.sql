-- hub: how much an organisation may ask for, and how much of that is lent to gateways
create table hub.limits (
  org_id uuid primary key,
  points_per_minute integer not null check (points_per_minute > 0),
  organisation_points_per_minute integer not null check (organisation_points_per_minute >= points_per_minute),
  subscriptions integer not null check (subscriptions > 0),
  organisation_subscriptions integer not null check (organisation_subscriptions >= subscriptions),
  version integer not null
);
alter table hub.limits enable row level security;
alter table hub.limits force row level security;
create policy own_organisation on hub.limits to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update on hub.limits to :app;

-- What gateways may let through on their own. A lease counts against its holder's limit until the last point that may
-- have been let through on it has left the window.
create table hub.leases (
  org_id uuid not null,
  id uuid not null,
  -- `organisation`, or kind and id of who asks, as in `key:…`
  holder text not null,
  granted_at timestamptz not null,
  points integer not null check (points >= 0),
  primary key (org_id, id)
);
create index leases_of_holder on hub.leases (org_id, holder, granted_at) include (points);
create index leases_by_age on hub.leases (org_id, granted_at);
alter table hub.leases enable row level security;
alter table hub.leases force row level security;
create policy own_organisation on hub.leases to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on hub.leases to :app;
