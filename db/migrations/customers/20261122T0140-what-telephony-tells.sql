-- customers: what telephony tells of accounts, numbers, usage and alerts reaches companies, timelines and tickets
-- Accounts that were opened for a customer are that customer's, whatever their domain says.
alter table customers.identities drop constraint identities_linked_by_check;
alter table customers.identities add constraint identities_linked_by_check
  check (linked_by in ('OWN', 'DOMAIN', 'MANUAL', 'OPENED_FOR'));

-- Brands stand on companies, alerts become tickets: both wait to be looked at as trunks and numbers do.
alter table customers.timeline_told drop constraint timeline_told_subject_check;
alter table customers.timeline_told add constraint timeline_told_subject_check
  check (subject in ('ACCOUNT', 'TRUNK', 'NUMBER', 'TICKET', 'BRAND', 'ALERT'));
-- The billing account that it belongs to. A column of its own: under row level security no index serves an expression over JSON.
alter table customers.timeline_told add column ban text
  generated always as (case when subject = 'ACCOUNT' then id else state ->> 'ban' end) stored;
drop index customers.timeline_told_unplaced;
create index timeline_told_unplaced on customers.timeline_told (org_id, subject desc, id)
  where subject in ('ACCOUNT', 'TRUNK', 'NUMBER', 'BRAND') and placed_as_of is distinct from observed_at;
create index timeline_told_alerts on customers.timeline_told (org_id, id)
  where subject = 'ALERT' and placed_as_of is distinct from observed_at;
drop index customers.timeline_told_of_account;
create index timeline_told_of_account on customers.timeline_told (org_id, ban) where subject <> 'TICKET';

-- What accounts used, day by day, as it was last told.
create table customers.usage_days (
  org_id uuid not null,
  ban text not null,
  day date not null,
  calls bigint not null check (calls >= 0),
  completed_calls bigint not null check (completed_calls >= 0),
  minutes numeric not null,
  messages bigint not null check (messages >= 0),
  spend numeric,
  -- Null where nothing is known to be spent.
  currency text,
  -- Of an answered call, in seconds.
  acd numeric,
  month_minutes numeric not null,
  month_spend numeric,
  observed_at timestamptz not null,
  -- As of when companies were last told of it; otherwise they are to be.
  written_as_of timestamptz,
  primary key (org_id, ban, day)
);
create index usage_days_unwritten on customers.usage_days (org_id, ban, day) where written_as_of is distinct from observed_at;

-- Companies that say what accounts are and use: what the hub has written it can take back, and usage is written once a day.
create table customers.account_companies (
  org_id uuid not null,
  company_id uuid not null,
  -- The newest day that it tells the usage of, and when that was written.
  usage_day date,
  usage_written_at timestamptz,
  primary key (org_id, company_id)
);

-- The tickets that were opened for alerts: one each, however often an alert is told.
create table customers.alert_tickets (
  org_id uuid not null,
  alert_id text not null check (length(alert_id) between 1 and 200),
  integration_id uuid not null,
  ticket_id uuid not null,
  opened_at timestamptz not null,
  -- When the ticket was told that the alert is over.
  closed_noted_at timestamptz,
  primary key (org_id, alert_id)
);

alter table customers.usage_days enable row level security;
alter table customers.usage_days force row level security;
create policy tenant on customers.usage_days to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.usage_days to :app;
alter table customers.account_companies enable row level security;
alter table customers.account_companies force row level security;
create policy tenant on customers.account_companies to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.account_companies to :app;
alter table customers.alert_tickets enable row level security;
alter table customers.alert_tickets force row level security;
create policy tenant on customers.alert_tickets to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.alert_tickets to :app;

-- More is told of accounts and numbers now: whoever has followed without it takes the state anew.
update events.cursors set names = array_remove(array_remove(names, 'telephony.account.changed'), 'telephony.number.changed')
where consumer = 'customers' and source = 'telephony' and names <> '{}';
