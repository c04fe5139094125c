-- sync: records that may have changed at the source, to be read again, and whose turn it is to be read
create table sync.signals (
  org_id uuid not null,
  connection_id uuid not null,
  type text not null,
  external_id text not null,
  -- How often it was noted: whoever has read the record takes away only what was noted before the reading.
  noted bigint not null default 1,
  noted_at timestamptz not null,
  -- When the source says that the record changed, by its own clock; null when nobody said.
  changed_at timestamptz,
  -- Its links may have changed, which readings of changes by time do not show.
  has_links boolean not null default false,
  -- Not read before: noted just now, or waiting for another try.
  due_at timestamptz not null,
  attempts integer not null default 0,
  error_code text,
  primary key (org_id, connection_id, type, external_id)
);
create index signals_due on sync.signals (org_id, connection_id, type, due_at);

-- Whose turn it is: signals of one connection and type are read by one worker at a time, in turn with those of others.
create table sync.signal_lanes (
  org_id uuid not null,
  connection_id uuid not null,
  type text not null,
  -- Whoever holds the newest token may write; the lease says until when nobody else takes it.
  token bigint not null default 0,
  lease_until timestamptz,
  rest_until timestamptz,
  failures integer not null default 0,
  served_at timestamptz,
  -- So many waited that a run reads the changes instead: of all that was noted until `swept_at`.
  sweep_run_id uuid,
  swept_at timestamptz,
  sweep_again_at timestamptz,
  primary key (org_id, connection_id, type)
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['signals', 'signal_lanes'] loop
    execute format('alter table sync.%I enable row level security', tenant_table);
    execute format('alter table sync.%I force row level security', tenant_table);
  end loop;
end
$$;
create policy tenant on sync.signals to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy tenant on sync.signal_lanes to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
-- Ids and times only. Whoever takes messages of a vendor notes signals before any organisation is set, and workers look for
-- signals of every organisation, then work as the signals' own.
create policy routing on sync.signals to :relay using (true);
create policy routing on sync.signal_lanes to :relay using (true);
grant select, insert, update, delete on sync.signals, sync.signal_lanes to :app;
grant select, insert, update on sync.signals, sync.signal_lanes to :relay;

-- A record that is read by itself belongs to no run.
alter table sync.decisions alter column run_id drop not null;
