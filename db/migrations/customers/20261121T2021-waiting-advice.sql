-- customers: what was decided for a request before it was known whose it is, or before they were in HubSpot: it is noted there once they are
create table customers.waiting_advice (
  org_id uuid not null,
  recommendation_id text not null,
  -- Whose request it is, as inventory knows them.
  account_id text not null,
  -- What is to be noted: the last word about it.
  told jsonb not null,
  observed_at timestamptz not null,
  primary key (org_id, recommendation_id)
);
create index waiting_advice_of_account on customers.waiting_advice (org_id, account_id);
alter table customers.waiting_advice enable row level security;
alter table customers.waiting_advice force row level security;
create policy tenant on customers.waiting_advice to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.waiting_advice to :app;
