-- telephony: from when until when a month that is billed went, so that another time zone moves nothing out of it or into it

create table telephony.billed_months (
  org_id uuid not null,
  month date not null check (extract(day from month) = 1),
  began timestamptz not null,
  ended timestamptz not null check (ended > began),
  primary key (org_id, month)
);
alter table telephony.billed_months enable row level security;
alter table telephony.billed_months force row level security;
create policy tenant on telephony.billed_months to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on telephony.billed_months to :app;
