-- insights: what is counted over all customers is read from indexes, and not from rows that hold everything that explains a score
drop index insights.health_by_rank;
create index health_by_rank on insights.health (org_id, rank, customer_id) include (score, trend);
create index health_history_by_time on insights.health_history (org_id, as_of, customer_id);

create index insights_judged on insights.insights (org_id, confidence) include (state, outcome)
  where customer_id is not null and (state in ('ACCEPTED', 'DONE') or dismissed_for = 'WRONG');
create index insights_open_counted on insights.insights (org_id, type, detector, impact, state) where is_open;
drop index insights.insights_ended;
create index insights_ended on insights.insights (org_id, decided_at) include (type, detector, impact, state) where not is_open;

create index signals_of_purchases on insights.signals (org_id, kind)
  where kind in ('order', 'deal') and account_id is not null;

-- How all customers were doing at the end of a month, counted once, in the night after it.
create table insights.health_months (
  org_id uuid not null,
  month text not null check (month ~ '^\d{4}-\d{2}$'),
  scored integer not null check (scored >= 0),
  mean numeric(5, 2) check (mean between 0 and 100),
  risen integer not null check (risen >= 0),
  fallen integer not null check (fallen >= 0),
  new integer not null check (new >= 0),
  primary key (org_id, month)
);
alter table insights.health_months enable row level security;
alter table insights.health_months force row level security;
create policy tenant on insights.health_months to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on insights.health_months to :app;
