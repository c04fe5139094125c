-- hub: from which level on areas of the log are written, for a while
create table hub.log_levels (
  org_id uuid not null,
  area text not null,
  level text not null check (level in ('error', 'warn', 'info', 'debug')),
  until timestamptz not null,
  primary key (org_id, area)
);
alter table hub.log_levels enable row level security;
alter table hub.log_levels force row level security;
create policy tenant on hub.log_levels to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on hub.log_levels to :app;
-- A process writes one log for all organisations.
create policy routing on hub.log_levels for select to :relay using (true);
grant select (area, level, until) on hub.log_levels to :relay;
