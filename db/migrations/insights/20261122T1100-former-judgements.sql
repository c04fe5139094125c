-- insights: what was thought of a customer while it had other accounts, for when it has them again
alter table insights.customers
  -- The accounts it was last judged by, hashed; empty: it had none. Null: it was not judged yet.
  add column judged_accounts text;
-- Whoever is nobody any more.
create index customers_gone on insights.customers (org_id, customer_id) where judged_accounts = '';

create table insights.former_judgements (
  org_id uuid not null,
  customer_id text not null,
  -- Those it was judged by, hashed as in customers.judged_accounts.
  accounts text not null,
  -- The customer that has had its accounts since; null when it stands for itself, or nobody has them.
  merged_into text,
  set_aside_at timestamptz not null,
  -- What was found the last time, what was written about it, and how far its turn was. Kept as it was written, so that what has not moved is known by its text.
  judgement json not null,
  primary key (org_id, customer_id, accounts)
);
create index former_judgements_by_survivor on insights.former_judgements (org_id, merged_into) where merged_into is not null;
create index former_judgements_by_age on insights.former_judgements (org_id, set_aside_at) where merged_into is null;

alter table insights.former_judgements enable row level security;
alter table insights.former_judgements force row level security;
create policy tenant on insights.former_judgements to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on insights.former_judgements to :app;

alter table insights.insights
  -- When the accounts it rested on were taken apart: it stays to be read, and its detector goes on from what it knew before.
  add column undone_at timestamptz,
  -- The merged customer of whom people decided it, while nobody has decided anew.
  add column taken_from text,
  add check (undone_at is null or state not in ('NEW', 'ACCEPTED'));
drop index insights.insights_episodes;
create unique index insights_episodes on insights.insights (org_id, customer_id, detector, episode)
  where customer_id is not null and undone_at is null;

-- Scores of accounts that were together and were taken apart: answered for their time, and no part of where the score is going.
alter table insights.health_history add column is_undone boolean not null default false;
create index former_accounts_by_age on insights.former_accounts (org_id, until);
