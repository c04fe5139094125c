-- customers: what customers bring, ask for and do, summed up to filter and order by; the values shown come from their owners
alter table customers.companies add column last_activity_at timestamptz;
alter table customers.companies no force row level security;
update customers.companies set last_activity_at = nullif(coalesce(properties ->> 'hs_last_sales_activity_timestamp',
  properties ->> 'notes_last_contacted'), '')::timestamptz
where coalesce(properties ->> 'hs_last_sales_activity_timestamp', properties ->> 'notes_last_contacted') ~ '^\d{4}-\d\d-\d\dT[\d:.]+Z$';
alter table customers.companies force row level security;

alter table customers.customers
  add column mrr numeric,
  add column mrr_currency text,
  add column month_spend numeric,
  add column month_spend_currency text,
  add column open_deals numeric,
  add column open_deals_currency text,
  add column open_rfqs integer,
  add column last_activity_at timestamptz;
-- Most first, unknown last. Hundredths, whole: under row level security an index is not asked with numerics.
alter table customers.customers
  add column mrr_rank bigint not null generated always as (coalesce(-round(mrr * 100)::bigint, 9000000000000000)) stored,
  add column month_spend_rank bigint not null generated always as (coalesce(-round(month_spend * 100)::bigint, 9000000000000000)) stored,
  add column open_deals_rank bigint not null generated always as (coalesce(-round(open_deals * 100)::bigint, 9000000000000000)) stored,
  add column open_rfqs_rank integer not null generated always as (coalesce(-open_rfqs, 1000000000)) stored,
  add column last_activity_key timestamptz not null generated always as (coalesce(last_activity_at, '-infinity')) stored;
create index customers_by_mrr on customers.customers (org_id, mrr_rank, id) where merged_into is null and gone_at is null;
create index customers_by_month_spend on customers.customers (org_id, month_spend_rank, id) where merged_into is null and gone_at is null;
create index customers_by_open_deals on customers.customers (org_id, open_deals_rank, id) where merged_into is null and gone_at is null;
create index customers_by_open_rfqs on customers.customers (org_id, open_rfqs_rank, id) where merged_into is null and gone_at is null;
create index customers_by_activity on customers.customers (org_id, last_activity_key desc, id desc) where merged_into is null and gone_at is null;
