-- sync: runs, checkpoints, links between our records and theirs, decisions, and the shared budget of calls
create table sync.runs (
  id uuid primary key,
  org_id uuid not null,
  connection_id uuid not null,
  mode text not null check (mode in ('FULL', 'INCREMENTAL', 'RECONCILE')),
  state text not null default 'QUEUED' check (state in ('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')),
  cancel_requested boolean not null default false,
  -- Whoever holds the newest token may write; the lease says until when nobody else takes it.
  token bigint not null default 0,
  lease_until timestamptz,
  not_before timestamptz,
  attempts integer not null default 0,
  error_code text,
  error text,
  requested_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz
);
-- One run at a time per connection: asking twice answers the same run.
create unique index runs_one_active on sync.runs (org_id, connection_id) where state in ('QUEUED', 'RUNNING');
create index runs_by_connection on sync.runs (org_id, connection_id, requested_at desc, id desc);
create index runs_claimable on sync.runs (requested_at) where state in ('QUEUED', 'RUNNING');

-- Where a run stands with one type. Committed together with the rows it speaks of.
create table sync.checkpoints (
  org_id uuid not null,
  run_id uuid not null references sync.runs on delete cascade,
  type text not null,
  phase text not null,
  cursor text,
  complete boolean not null default false,
  -- Newest modified time, by the source's clock: before the reading began, and seen while reading.
  watermark timestamptz,
  total integer,
  done integer not null default 0,
  created integer not null default 0,
  updated integer not null default 0,
  skipped integer not null default 0,
  deleted integer not null default 0,
  failed integer not null default 0,
  conflicts integer not null default 0,
  api_calls integer not null default 0,
  primary key (run_id, type)
);

-- From where the next run reads changes. Moves only when a run is complete.
create table sync.watermarks (
  org_id uuid not null,
  connection_id uuid not null,
  type text not null,
  modified_at timestamptz not null,
  run_id uuid not null,
  primary key (org_id, connection_id, type)
);

-- Which record of ours is which record of theirs, and what both last agreed on.
create table sync.links (
  org_id uuid not null,
  connection_id uuid not null,
  type text not null,
  external_id text not null,
  local_id uuid not null,
  -- Null while what was agreed on is what the hub holds.
  base jsonb,
  -- Where the values came from: {at, run} for the record, exceptions per field under `fields`.
  lineage jsonb not null,
  external_modified timestamptz,
  seen_run uuid not null,
  gone_at timestamptz,
  gone_reason text check (gone_reason in ('archived', 'missing', 'merged')),
  sync_count integer not null default 1,
  last_synced_at timestamptz not null,
  primary key (org_id, connection_id, type, external_id)
) with (fillfactor = 85);
-- Not by organisation first: while there are no statistics yet the planner would take it for every look-up of an organisation.
create index links_by_local on sync.links (local_id);
create index links_archived on sync.links (org_id, connection_id, type) where gone_reason = 'archived';

-- Ids that a merge at the source has retired.
create table sync.aliases (
  org_id uuid not null,
  connection_id uuid not null,
  type text not null,
  external_id text not null,
  survivor_id text not null,
  at timestamptz not null,
  primary key (org_id, connection_id, type, external_id)
);

-- Fields that both sides had changed, and what was decided. Open ones wait for somebody.
create table sync.decisions (
  org_id uuid not null,
  id uuid primary key,
  connection_id uuid not null,
  run_id uuid not null,
  type text not null,
  external_id text not null,
  local_id uuid not null,
  field text not null,
  base jsonb not null,
  theirs jsonb not null,
  ours jsonb not null,
  theirs_at timestamptz,
  policy text not null,
  policy_version integer not null,
  outcome text not null check (outcome in ('theirs', 'ours', 'merged', 'open')),
  decided_at timestamptz not null
);
create index decisions_by_record on sync.decisions (org_id, local_id, decided_at desc);
create unique index decisions_one_open on sync.decisions (org_id, connection_id, type, external_id, field) where outcome = 'open';

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['runs', 'checkpoints', 'watermarks', 'links', 'aliases', 'decisions'] loop
    execute format('alter table sync.%I enable row level security', tenant_table);
    execute format('alter table sync.%I force row level security', tenant_table);
  end loop;
end
$$;
create policy tenant on sync.runs to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy tenant on sync.checkpoints to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy tenant on sync.watermarks to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy tenant on sync.links to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy tenant on sync.aliases to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy tenant on sync.decisions to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
-- Workers look for runs of every organisation, and then work as the run's own.
create policy routing on sync.runs to :relay using (true);
grant select, insert, update, delete on sync.runs, sync.checkpoints, sync.watermarks, sync.links, sync.aliases, sync.decisions to :app;
grant select, update on sync.runs to :relay;

-- Budgets of calls, shared by all processes. No tenant's data: a bucket is named after an account of a vendor.
create table sync.rate_buckets (
  bucket text primary key,
  max integer not null,
  interval_ms integer not null,
  -- Number of the last call; call n was the (max)th before call n + max.
  last_call bigint not null default 0,
  banned_until timestamptz,
  -- When somebody interactive last called: until a while after it, background work leaves its reserve alone.
  interactive_at timestamptz,
  -- What the vendor last said is left, for limits that only it can count.
  remaining integer,
  remaining_of integer,
  remaining_at timestamptz
);
create table sync.rate_log (
  bucket text not null,
  call bigint not null,
  at timestamptz not null,
  primary key (bucket, call)
);
grant select, insert, update, delete on sync.rate_buckets, sync.rate_log to :relay;

-- Takes a place of a bucket, or says for how many milliseconds there is none. The row lock on the bucket orders callers.
-- `quota` is a bucket that only the vendor counts: when little is left of it, background work waits.
create function sync.take_place(
  name text, instant timestamptz, guard_ms integer, reserve double precision, interactive boolean, reserve_ms integer,
  quota text, quota_valid_ms integer
) returns integer language plpgsql as $$
declare
  b sync.rate_buckets;
  allowed integer;
  earliest timestamptz;
  wait_ms integer := 0;
begin
  select * into b from sync.rate_buckets where bucket = name;
  -- Without a limit there is nothing to count, and nobody to wait for.
  if b.max >= 1000000000 then
    return greatest(0, ceil(extract(epoch from coalesce(b.banned_until, instant) - instant) * 1000)::integer);
  end if;
  if not interactive and exists (
    select from sync.rate_buckets q where q.bucket = quota and q.remaining <= q.remaining_of * reserve
      and q.remaining_at > instant - make_interval(secs => quota_valid_ms / 1000.0)
  ) then
    return quota_valid_ms;
  end if;
  update sync.rate_buckets set interactive_at = case when interactive then instant else interactive_at end
    where bucket = name returning * into b;
  allowed := b.max;
  if not interactive and b.interactive_at > instant - make_interval(secs => reserve_ms / 1000.0) then
    allowed := greatest(1, floor(b.max * (1 - reserve))::integer);
  end if;
  -- A clock that was set back would otherwise block the bucket until it has caught up.
  if exists (select from sync.rate_log where bucket = name and call = b.last_call and at > instant + interval '2 seconds') then
    update sync.rate_log set at = instant where bucket = name and at > instant;
  end if;
  select at into earliest from sync.rate_log where bucket = name and call = b.last_call - allowed + 1;
  if earliest is not null then
    wait_ms := greatest(-1000000000, ceil(extract(epoch from earliest - instant) * 1000)) + b.interval_ms
      + coalesce(guard_ms, greatest(300, b.interval_ms / 20));
  end if;
  if b.banned_until > instant then
    wait_ms := greatest(wait_ms, ceil(extract(epoch from b.banned_until - instant) * 1000)::integer);
  end if;
  if wait_ms > 0 then
    return wait_ms;
  end if;
  update sync.rate_buckets set last_call = last_call + 1 where bucket = name;
  insert into sync.rate_log (bucket, call, at) values (name, b.last_call + 1, instant);
  delete from sync.rate_log where bucket = name and call in (
    select call from sync.rate_log
    where bucket = name and at < instant - 2 * make_interval(secs => b.interval_ms / 1000.0) order by call limit 3
  );
  return 0;
end
$$;
grant execute on function sync.take_place to :relay;
