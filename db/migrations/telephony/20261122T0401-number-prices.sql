-- telephony: what a telephone number cost before its price was changed

create table telephony.number_prices (
  org_id uuid not null,
  number_id uuid not null,
  -- It cost so much until then. From the last of these on it costs what stands with the number.
  until timestamptz not null,
  monthly_cost numeric(16, 4) not null check (monthly_cost >= 0),
  primary key (org_id, number_id, until),
  foreign key (org_id, number_id) references telephony.numbers
);
alter table telephony.number_prices enable row level security;
alter table telephony.number_prices force row level security;
create policy tenant on telephony.number_prices to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on telephony.number_prices to :app;
