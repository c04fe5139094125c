-- customers: how soon changes come over, and what a connection asks for once the run under way has ended
alter table customers.integrations
  alter column frequency set default 'REALTIME',
  -- The mode of the run that is to follow the one under way: somebody has changed what it should read.
  add column wanted_run text check (wanted_run in ('INCREMENTAL', 'RECONCILE'));
-- Nobody could choose a frequency before: webhooks were always obeyed at once.
alter table customers.integrations no force row level security;
update customers.integrations set frequency = 'REALTIME' where frequency = 'FIVE_MINUTES';
alter table customers.integrations force row level security;
