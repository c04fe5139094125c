-- insights: what was done for all customers of an organisation, run by run
create table insights.runs (
  org_id uuid not null,
  run_id uuid not null,
  kind text not null check (kind in ('JUDGE', 'RECOMPUTE', 'ENRICH', 'LEARN_BUYING', 'LEARN_CHURN', 'KEEP_CHURN', 'LEARN_TRUST')),
  -- Judging and writing go on all the time: one row of them is an hour's, from its beginning.
  started_at timestamptz not null,
  -- Null while it is under way; of an hour the last time that anything was done.
  ended_at timestamptz,
  outcome text not null check (outcome in ('RUNNING', 'DONE', 'FAILED')),
  -- How many were judged or written about; null where that is not counted.
  customers integer,
  -- How often it failed, and was tried again.
  failures integer not null default 0,
  -- How long it was worked at, without the time between.
  worked_ms bigint not null default 0,
  primary key (org_id, run_id)
);
create index runs_newest on insights.runs (org_id, started_at desc, run_id desc);
create unique index runs_of_an_hour on insights.runs (org_id, kind, started_at) where kind in ('JUDGE', 'ENRICH');
create index runs_under_way on insights.runs (org_id) where ended_at is null;

alter table insights.runs enable row level security;
alter table insights.runs force row level security;
create policy tenant on insights.runs to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on insights.runs to :app;
