-- customers: the ids under which other programs know records
create table customers.external_ids (
  org_id uuid not null,
  integration_id uuid not null,
  type text not null check (type in ('companies', 'contacts', 'deals', 'tickets')),
  system text not null check (system ~ '^[A-Z][A-Z0-9_-]{0,39}$'),
  value text not null check (value ~ '^[A-Za-z0-9._:~+=-]{1,128}$'),
  record_id uuid not null,
  given_at timestamptz not null,
  primary key (org_id, integration_id, type, system, value)
);
alter table customers.external_ids enable row level security;
alter table customers.external_ids force row level security;
create policy tenant on customers.external_ids to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.external_ids to :app;

-- A program has one id for a record; a record's ids are shown with it.
create unique index external_ids_by_record on customers.external_ids (org_id, record_id, system);
