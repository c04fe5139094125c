-- sync: what a reconciliation found to differ and repaired, record by record; names of fields, never what they say
create table sync.drift (
  org_id uuid not null,
  run_id uuid not null,
  connection_id uuid not null,
  type text not null,
  external_id text not null,
  -- MISSING: the source had it, the hub not. DIFFERENT: both had it, with other values. EXTRA: the hub had it, the source not.
  kind text not null check (kind in ('MISSING', 'DIFFERENT', 'EXTRA')),
  fields text[] not null,
  -- The source changed it before what earlier readings had reached: they lost it. Null when the source does not say when.
  overlooked boolean,
  at timestamptz not null,
  primary key (org_id, run_id, type, external_id)
);
create index drift_forgettable on sync.drift (org_id, at);
alter table sync.drift enable row level security;
alter table sync.drift force row level security;
create policy tenant on sync.drift to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on sync.drift to :app;
