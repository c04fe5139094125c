-- insights: what methods have learned from all customers of an organisation, version by version
create table insights.models (
  org_id uuid not null,
  name text not null,
  version integer not null check (version > 0),
  learned json not null,
  -- What it was measured by.
  report json not null,
  learned_at timestamptz not null,
  -- Whether it is the one that holds: the newest, unless that did worse than the one before.
  is_held boolean not null,
  primary key (org_id, name, version)
);

alter table insights.models enable row level security;
alter table insights.models force row level security;
create policy tenant on insights.models to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on insights.models to :app;
