-- customers: changes of many records at once, and what became of each
create table customers.bulk_jobs (
  id uuid primary key,
  org_id uuid not null,
  -- Where new records are made; the others are where they are.
  integration_id uuid,
  type text not null,
  operation text not null check (operation in ('CREATE', 'UPDATE', 'DELETE')),
  state text not null check (state in ('QUEUED', 'RUNNING', 'COMPLETED')),
  -- What every record of an update is to say; null for the others.
  input jsonb,
  total integer not null,
  done integer not null default 0,
  written integer not null default 0,
  unchanged integer not null default 0,
  refused integer not null default 0,
  asked_by_kind text not null,
  asked_by text not null,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index bulk_jobs_by_time on customers.bulk_jobs (org_id, created_at desc, id desc);

create table customers.bulk_items (
  org_id uuid not null,
  job_id uuid not null references customers.bulk_jobs (id) on delete cascade,
  position integer not null,
  -- Of the record, as its job says.
  type text not null,
  -- The record; of one that is to be made, the id that it will have.
  record_id uuid not null,
  -- What a new record is to say; taken away once it says so.
  input jsonb,
  -- Null until it was done.
  outcome text check (outcome in ('WRITTEN', 'UNCHANGED', 'REFUSED')),
  code text,
  field text,
  message text,
  primary key (job_id, position)
);
create index bulk_items_open on customers.bulk_items (job_id, position) where outcome is null;
create index bulk_items_by_record on customers.bulk_items (record_id);

alter table customers.bulk_jobs enable row level security;
alter table customers.bulk_jobs force row level security;
alter table customers.bulk_items enable row level security;
alter table customers.bulk_items force row level security;
create policy tenant on customers.bulk_jobs to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy tenant on customers.bulk_items to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.bulk_jobs, customers.bulk_items to :app;
