-- events: what this subgraph tells the others, in one order, and how far it has come in listening to them

-- What a transaction told, written beside the rows it tells of and never again: numbering moves no event, it numbers batches.
create table events.recorded (
  batch bigint not null,
  place integer not null,
  org_id uuid not null,
  key text not null,
  name text not null,
  version integer not null,
  payload jsonb not null,
  occurred_at timestamptz not null,
  primary key (batch, place)
);
alter table events.recorded enable row level security;
alter table events.recorded force row level security;
create policy own_organisation on events.recorded to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy relay on events.recorded to :relay using (true);
grant select, insert on events.recorded to :app;
grant select, delete on events.recorded to :relay;

-- Batches that have no positions yet, in the same transaction as their events; emptied by the sequencer.
create table events.outbox (
  id bigint generated always as identity primary key,
  org_id uuid not null,
  size integer not null check (size > 0)
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

-- Committed batches in the order everybody sees them. Positions have no gaps: each batch begins where the last one ended.
create table events.batches (
  last_pos bigint primary key,
  first_pos bigint not null,
  id bigint not null,
  org_id uuid not null,
  logged_at timestamptz not null
);
create index batches_organisation on events.batches (org_id, last_pos);
alter table events.batches enable row level security;
alter table events.batches force row level security;
create policy own_organisation on events.batches to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy relay on events.batches to :relay using (true) with check (true);
grant select on events.batches to :app;
grant select, insert, delete on events.batches to :relay;

-- The log as one list, for whoever looks at it. The hub itself reads by batch, which an index serves.
create view events.event_log with (security_invoker = true) as
  select b.first_pos + e.place - 1 as pos, e.org_id, e.key, e.name, e.version, e.payload, e.occurred_at, b.logged_at
  from events.batches b join events.recorded e on e.batch = b.id;
grant select on events.event_log to :app, :relay;

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
