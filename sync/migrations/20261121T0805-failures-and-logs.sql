-- sync: records that could not be brought over after all tries, who was alerted of what, and what was done with what outcome
create table sync.dead_letters (
  id uuid primary key,
  org_id uuid not null,
  connection_id uuid not null,
  type text not null,
  -- The record's id at the source; never what it says.
  external_id text not null,
  direction text not null default 'IN' check (direction in ('IN', 'OUT')),
  state text not null default 'OPEN' check (state in ('OPEN', 'RESOLVED', 'DISMISSED')),
  code text not null,
  reason text not null,
  guidance text not null,
  attempts integer not null,
  first_failed_at timestamptz not null,
  last_failed_at timestamptz not null,
  -- When somebody last asked to try it again.
  replayed_at timestamptz,
  closed_at timestamptz,
  -- Why somebody set it aside.
  dismissed_because text
);
create unique index dead_letters_one_open on sync.dead_letters (org_id, connection_id, type, external_id, direction)
  where state = 'OPEN';
create index dead_letters_by_time on sync.dead_letters (org_id, last_failed_at desc, id desc);
create index dead_letters_closed on sync.dead_letters (closed_at) where closed_at is not null;

-- What was last alerted, so that one trouble is not told a thousand times.
create table sync.alerts (
  org_id uuid not null,
  connection_id uuid not null,
  subject text not null check (subject in ('CONNECTION', 'RECORD')),
  -- Empty when it is about the whole connection.
  type text not null,
  code text not null,
  raised_at timestamptz not null,
  primary key (org_id, connection_id, subject, type, code)
);

create table sync.logs (
  org_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  connection_id uuid not null,
  -- Null when the record was read by itself.
  run_id uuid,
  type text not null,
  -- Null when it tells of a run's whole type.
  external_id text,
  direction text not null default 'IN' check (direction in ('IN', 'OUT')),
  operation text not null,
  status text not null check (status in ('SUCCEEDED', 'FAILED', 'CANCELLED')),
  code text,
  guidance text,
  records integer not null default 1,
  created integer not null default 0,
  updated integer not null default 0,
  deleted integer not null default 0,
  failed integer not null default 0,
  started_at timestamptz,
  duration_ms integer not null,
  enrichments jsonb not null default '[]',
  primary key (org_id, id)
);
create index logs_by_time on sync.logs (org_id, at desc, id desc);
create index logs_by_connection on sync.logs (org_id, connection_id, at desc, id desc);
create index logs_failed on sync.logs (org_id, at desc, id desc) where status = 'FAILED';
create index logs_forgettable on sync.logs (at);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['dead_letters', 'alerts', 'logs'] loop
    execute format('alter table sync.%I enable row level security', tenant_table);
    execute format('alter table sync.%I force row level security', tenant_table);
    execute format('create policy tenant on sync.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', tenant_table);
    execute format('grant select, insert, update, delete on sync.%I to :app', tenant_table);
  end loop;
end
$$;
