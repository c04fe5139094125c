-- insights: how likely each customer was to leave at the beginning of a month, and month by month how many then did
create table insights.churn_snapshots (
  org_id uuid not null,
  month date not null check (extract(day from month) = 1),
  customer_id text not null,
  -- How likely it was to leave within 90 days, 0 to 100.
  percentage numeric(5, 2) not null check (percentage between 0 and 100),
  -- How strongly each factor showed, by name: those that did.
  strengths json not null,
  primary key (org_id, month, customer_id)
);

create table insights.churn_months (
  org_id uuid not null,
  month date not null check (extract(day from month) = 1),
  -- Those of it that could leave.
  customers integer not null,
  -- Their likelihoods added up: how many were expected to leave.
  expected numeric(12, 4) not null,
  -- Those of them that left within 90 days, as far as these are over.
  left_count integer not null default 0,
  -- Whether nobody else can be counted.
  is_over boolean not null default false,
  primary key (org_id, month)
);

do $$
declare t text;
begin
  foreach t in array array['churn_snapshots', 'churn_months'] loop
    execute format('alter table insights.%I enable row level security', t);
    execute format('alter table insights.%I force row level security', t);
    execute format(
      'create policy tenant on insights.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
    execute format('grant select, insert, update, delete on insights.%I to :app', t);
  end loop;
end $$;
