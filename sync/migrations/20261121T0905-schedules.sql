-- sync: what is done by the clock for each connection: when it was done last, how that went, and when it is due next
create table sync.schedules (
  org_id uuid not null,
  connection_id uuid not null,
  -- Such as CHANGES or RECONCILE.
  name text not null,
  -- Either every so many milliseconds, counted from 1970, or once a day at a minute of the day in a time zone.
  every_ms bigint,
  daily_minute integer,
  time_zone text,
  check ((every_ms is null) <> (daily_minute is null)),
  -- Why it rests; null while it does not.
  paused_because text,
  next_at timestamptz not null,
  -- The newest slot that was dealt with. It only moves on, so that a clock that was set back repeats none.
  last_slot timestamptz,
  last_at timestamptz,
  last_result text check (last_result in ('STARTED', 'BUSY', 'PAUSED')),
  last_run_id uuid,
  -- When it is looked at again: when it is due, or earlier, because its settings may have changed.
  look_at timestamptz not null,
  primary key (org_id, connection_id, name)
);
alter table sync.schedules enable row level security;
alter table sync.schedules force row level security;
create policy tenant on sync.schedules to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
-- Times only: whoever looks for what is due does so for every organisation, and then works as the schedule's own.
create policy routing on sync.schedules to :relay using (true);
grant select, insert, update, delete on sync.schedules to :app;
grant select on sync.schedules to :relay;
