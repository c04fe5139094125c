-- telephony: single calls and messages by the day they began, and what they add up to

-- The organisation's time zone, as hub says: what its days are.
create table telephony.organisations (
  org_id uuid primary key,
  time_zone text not null
);

create table telephony.usage_records (
  org_id uuid not null,
  -- Made from the platform's id: the same for the same record.
  id uuid not null,
  trunk_id uuid not null,
  ban text not null,
  started_at timestamptz not null,
  seconds integer not null check (seconds between 0 and 86400),
  -- 1: a call · 2: a message
  kind smallint not null check (kind in (1, 2)),
  answered boolean not null,
  -- 1: local · 2: toll-free · 3: mobile · 4: international
  class smallint not null check (class between 1 and 4)
) partition by range (started_at);
-- Records come about in the order in which they began, so this says which part of a day to read.
create index usage_records_by_time on telephony.usage_records using brin (started_at) with (pages_per_range = 16);

-- By account first: an account's trunks are few, and whoever asks for one of them knows its account.
create table telephony.usage_quarters (
  org_id uuid not null,
  ban text not null,
  slot timestamptz not null,
  trunk_id uuid not null,
  class smallint not null,
  calls integer not null,
  completed integer not null,
  seconds bigint not null,
  messages integer not null,
  primary key (org_id, ban, slot, trunk_id, class)
) with (fillfactor = 85);
create table telephony.usage_hours (like telephony.usage_quarters including all) with (fillfactor = 85);
-- Here a slot is a midnight of the organisation.
create table telephony.usage_days (like telephony.usage_quarters including all) with (fillfactor = 85);

do $$
declare t text;
begin
  foreach t in array array['organisations', 'usage_records', 'usage_quarters', 'usage_hours', 'usage_days'] loop
    execute format('alter table telephony.%I enable row level security', t);
    execute format('alter table telephony.%I force row level security', t);
    execute format(
      'create policy tenant on telephony.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
  end loop;
end $$;
grant select, insert, update, delete on telephony.organisations, telephony.usage_records, telephony.usage_quarters,
  telephony.usage_hours, telephony.usage_days to :app;

-- Makes room for records that began on these days of UTC. Rows are reached by their parent alone, whose policy is what keeps organisations apart.
create function telephony.make_usage_days(days date[]) returns void
language plpgsql volatile security definer set search_path = telephony, pg_temp as $$
declare
  day date;
  name text;
begin
  if nullif(current_setting('hub.org_id', true), '') is null then
    raise exception 'usage is kept for an organisation';
  end if;
  -- Nearly always there is room. The tables are looked for in the catalogue itself: to_regclass may remember that one was not there.
  days := array(select d from unnest(days) as d where not exists (
    select from pg_class where relnamespace = 'telephony'::regnamespace and relname = 'usage_records_' || to_char(d, 'YYYYMMDD')) order by 1);
  if cardinality(days) = 0 then
    return;
  end if;
  -- Whoever makes the same day at the same time waits.
  perform pg_advisory_xact_lock(hashtextextended('telephony.usage days', 0));
  foreach day in array days loop
    name := 'usage_records_' || to_char(day, 'YYYYMMDD');
    continue when exists (select from pg_class where relnamespace = 'telephony'::regnamespace and relname = name);
    -- Made apart and attached: that stops nobody from reading and writing other days.
    execute format('create table telephony.%I (like telephony.usage_records including defaults including constraints)', name);
    -- Each record once. A day's own index needs not know when it began.
    execute format('create unique index on telephony.%I (org_id, id)', name);
    execute format('alter table telephony.%I enable row level security', name);
    execute format('alter table telephony.%I force row level security', name);
    execute format('alter table telephony.usage_records attach partition telephony.%I for values from (%L) to (%L)',
      name, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
  end loop;
end
$$;

-- Lets days of all organisations go that are older than records are kept; what they add up to stays.
create function telephony.drop_usage_days(before date) returns integer
language plpgsql volatile security definer set search_path = telephony, pg_temp as $$
declare
  name text;
  dropped integer := 0;
begin
  if nullif(current_setting('hub.org_id', true), '') is not null then
    raise exception 'days go for all organisations at once: no organisation can ask for that';
  end if;
  for name in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'telephony.usage_records'::regclass and c.relname < 'usage_records_' || to_char(before, 'YYYYMMDD')
    order by 1
  loop
    execute format('drop table telephony.%I', name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end
$$;
revoke all on function telephony.make_usage_days, telephony.drop_usage_days from public;
grant execute on function telephony.make_usage_days to :app;
grant execute on function telephony.drop_usage_days to :relay;
