-- hub: runs that only plan or do what a plan says, and runs that hold until somebody lets them go on
alter table hub.sync_runs
  add column purpose text not null default 'SYNC' check (purpose in ('SYNC', 'PLAN', 'APPLY')),
  add column plan_id text,
  -- {id, since, reasons: [{type, action, records, of, percent}]}
  add column hold jsonb;
