-- sync: records of ours that may differ from what both sides agreed on, whose turn it is to be written, and what was written there
create table sync.outgoing (
  org_id uuid not null,
  connection_id uuid not null,
  type text not null,
  local_id uuid not null,
  -- How often it was noted: whoever has written the record takes away only what was noted before the writing.
  noted bigint not null default 1,
  noted_at timestamptz not null,
  -- Not written before: noted just now, or waiting for another try.
  due_at timestamptz not null,
  -- Somebody waits for it: it is written before what else waits of its connection.
  urgent boolean not null default false,
  attempts integer not null default 0,
  error_code text,
  primary key (org_id, connection_id, type, local_id)
);
create index outgoing_due on sync.outgoing (org_id, connection_id, type, due_at);
create index outgoing_by_record on sync.outgoing (local_id);

create table sync.outgoing_lanes (
  org_id uuid not null,
  connection_id uuid not null,
  type text not null,
  -- Whoever holds the newest token may write; the lease says until when nobody else takes it.
  token bigint not null default 0,
  lease_until timestamptz,
  rest_until timestamptz,
  failures integer not null default 0,
  served_at timestamptz,
  -- Lanes of both directions are looked for in one way; nothing of ours is left to a run.
  sweep_run_id uuid,
  swept_at timestamptz,
  sweep_again_at timestamptz,
  primary key (org_id, connection_id, type)
);

-- What the hub writes at the source, noted before it is sent: so that an answer that got lost is known to be missing, what comes
-- back is known to be ours, and what it replaced can be restored.
create table sync.writes (
  org_id uuid not null,
  -- Sent along, and named in what the source says of the record.
  id uuid primary key,
  connection_id uuid not null,
  type text not null,
  local_id uuid not null,
  -- Null until the source has given the record an id.
  external_id text,
  operation text not null check (operation in ('CREATE', 'UPDATE', 'ARCHIVE')),
  -- {field: {from, to}}: what both sides had agreed on, and what was written.
  fields jsonb not null,
  state text not null check (state in ('INTENDED', 'DONE', 'REFUSED', 'UNKNOWN')),
  run_id uuid,
  written_at timestamptz not null,
  answered_at timestamptz,
  -- When the source says that it took it, by its own clock.
  modified_at timestamptz,
  error_code text
);
create index writes_by_record on sync.writes (local_id, written_at desc);
create index writes_by_external on sync.writes (connection_id, type, external_id, written_at desc);
create index writes_by_run on sync.writes (run_id) where run_id is not null;

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['outgoing', 'outgoing_lanes', 'writes'] loop
    execute format('alter table sync.%I enable row level security', tenant_table);
    execute format('alter table sync.%I force row level security', tenant_table);
  end loop;
end
$$;
create policy tenant on sync.outgoing to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy tenant on sync.outgoing_lanes to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy tenant on sync.writes to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
-- Ids and times only: workers look for lanes of every organisation, then work as the lane's own.
create policy routing on sync.outgoing to :relay using (true);
create policy routing on sync.outgoing_lanes to :relay using (true);
grant select, insert, update, delete on sync.outgoing, sync.outgoing_lanes, sync.writes to :app;
grant select on sync.outgoing to :relay;
grant select, insert, update on sync.outgoing_lanes to :relay;

-- Deleted here, and still there until that is written.
alter table sync.links drop constraint links_gone_reason_check;
alter table sync.links add constraint links_gone_reason_check
  check (gone_reason in ('archived', 'missing', 'merged', 'excluded', 'deleted')) not valid;
