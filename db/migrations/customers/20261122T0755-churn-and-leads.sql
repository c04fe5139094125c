-- customers: how likely a customer leaves and how promising it is, copied in to filter and order by; the values shown come from insights
alter table customers.customers
  add column churn_risk numeric,
  add column lead_score numeric,
  add constraint customers_judged check (churn_risk between 0 and 100 and lead_score between 0 and 100);
-- Highest first, those without last. Hundredths, whole: under row level security an index is not asked with numerics.
alter table customers.customers
  add column churn_rank integer not null generated always as (coalesce(-round(churn_risk * 100)::integer, 10000000)) stored,
  add column lead_rank integer not null generated always as (coalesce(-round(lead_score * 100)::integer, 10000000)) stored;
create index customers_by_churn on customers.customers (org_id, churn_rank, id) where merged_into is null and gone_at is null;
create index customers_by_lead on customers.customers (org_id, lead_rank, id) where merged_into is null and gone_at is null;
