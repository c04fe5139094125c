-- telephony: what came in over trunks since others were told of it last

create table telephony.untold_usage (
  org_id uuid not null,
  trunk_id uuid not null,
  ban text not null,
  calls integer not null,
  completed integer not null,
  seconds bigint not null,
  messages integer not null,
  primary key (org_id, trunk_id)
) with (fillfactor = 50);
create index untold_usage_of_account on telephony.untold_usage (org_id, ban);
alter table telephony.untold_usage enable row level security;
alter table telephony.untold_usage force row level security;
create policy tenant on telephony.untold_usage to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on telephony.untold_usage to :app;
