-- customers: kinds of records that the hub has made up in portals, and whether street addresses may go there
alter table customers.integrations add column sends_addresses boolean not null default false;

-- Under which number a portal keeps a kind of ours: what paths name it by.
create table customers.portal_objects (
  org_id uuid not null,
  integration_id uuid not null,
  type text not null check (type in ('trunks', 'numbers')),
  object_type_id text not null check (object_type_id ~ '^2-[0-9]{1,20}$'),
  seen_at timestamptz not null,
  primary key (org_id, integration_id, type)
);

alter table customers.portal_objects enable row level security;
alter table customers.portal_objects force row level security;
create policy tenant on customers.portal_objects to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.portal_objects to :app;
