-- events: what this subgraph tells the others, in one order, and how far it has come in listening to them

-- Written beside the rows an event tells of, in the same transaction; emptied by the sequencer.
create table events.outbox (
  id bigint generated always as identity primary key,
  org_id uuid not null,
  key text not null,
  name text not null,
  version integer not null,
  payload jsonb not null,
  occurred_at timestamptz not null
);
create index outbox_turns on events.outbox (org_id, id);
alter table events.outbox enable row level security;
alter table events.outbox force row level security;
create policy own_organisation on events.outbox to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy relay on events.outbox to :relay using (true);
grant select, insert on events.outbox to :app;
grant select, delete on events.outbox to :relay;
-- The sequencer asks it often and it is mostly empty: dead rows must not pile up before its index.
alter table events.outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Committed events in the order everybody sees them. Positions have no gaps.
create table events.event_log (
  pos bigint primary key,
  org_id uuid not null,
  key text not null,
  name text not null,
  version integer not null,
  payload jsonb not null,
  occurred_at timestamptz not null,
  logged_at timestamptz not null
);
create index event_log_organisation on events.event_log (org_id, pos);
alter table events.event_log enable row level security;
alter table events.event_log force row level security;
create policy own_organisation on events.event_log to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy relay on events.event_log to :relay using (true) with check (true);
grant select on events.event_log to :app;
grant select, insert, delete on events.event_log to :relay;

-- One row: the last position given out, and the oldest one still kept.
create table events.head (
  one integer primary key default 1 check (one = 1),
  pos bigint not null,
  oldest bigint not null
);
insert into events.head (pos, oldest) values (0, 1);
grant select on events.head to :app;
grant select, update on events.head to :relay;

-- Every organisation that ever published: whom a snapshot must walk through, since no role sees all tenants' rows.
create table events.organisations (
  org_id uuid primary key
);
alter table events.organisations enable row level security;
alter table events.organisations force row level security;
create policy own_organisation on events.organisations to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy relay on events.organisations to :relay using (true) with check (true);
grant select on events.organisations to :app;
grant select, insert on events.organisations to :relay;

-- Low-water mark: everything up to `pos` took effect, for every organisation. Null until the first snapshot is in.
create table events.cursors (
  consumer text not null,
  source text not null,
  pos bigint,
  -- Counts the leaders: what a deposed one still tries to write is refused.
  epoch bigint not null,
  primary key (consumer, source)
);
grant select, insert, update on events.cursors to :relay;
-- Locking the row (for share) takes the right to update a column of it.
grant select, update (epoch) on events.cursors to :app;

-- How far one organisation is, ahead of the low-water mark. Written in the transaction of the effect.
create table events.marks (
  consumer text not null,
  source text not null,
  org_id uuid not null,
  pos bigint not null,
  -- How many of its events are parked, so that the usual case (none) asks no further.
  parked integer not null default 0,
  primary key (consumer, source, org_id)
);
alter table events.marks enable row level security;
alter table events.marks force row level security;
create policy own_organisation on events.marks to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy relay on events.marks to :relay using (true) with check (true);
grant select, insert, update on events.marks to :app;
grant select, update on events.marks to :relay;

-- Events that failed, and those of the same key that queue up behind them.
create table events.parked (
  id bigint generated always as identity primary key,
  consumer text not null,
  source text not null,
  org_id uuid not null,
  key text not null,
  pos bigint not null,
  name text not null,
  version integer not null,
  payload jsonb not null,
  occurred_at timestamptz not null,
  -- A code, never a sentence: a foreign error's sentence may quote a person. Null: waits behind an earlier event.
  reason text,
  tries integer not null default 0,
  parked_at timestamptz not null
);
create index parked_keys on events.parked (consumer, source, org_id, key, id);
alter table events.parked enable row level security;
alter table events.parked force row level security;
create policy own_organisation on events.parked to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy relay on events.parked to :relay using (true);
grant select, insert, update, delete on events.parked to :app;
grant select on events.parked to :relay;
