-- insights: how likely customers were to leave at any moment of the last 400 days, step by step
create table insights.churn_history (
  org_id uuid not null,
  customer_id text not null,
  as_of timestamptz not null,
  -- Null once it has left, and where nothing could be said any more.
  percentage numeric(4, 1) check (percentage between 0 and 100),
  -- All that was said, as it is among what is found; null: nothing could be said any more.
  said json,
  primary key (org_id, customer_id, as_of)
);
-- What is too old is forgotten each night, whoever it is of.
create index churn_history_by_age on insights.churn_history (org_id, as_of);

alter table insights.churn_history enable row level security;
alter table insights.churn_history force row level security;
create policy tenant on insights.churn_history to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on insights.churn_history to :app;
