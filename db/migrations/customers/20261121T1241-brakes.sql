-- customers: how much of a kind of record a sync may delete or change before somebody has to let it go on
alter table customers.integrations
  add column delete_percent integer not null default 2 check (delete_percent between 0 and 100),
  add column change_percent integer not null default 20 check (change_percent between 0 and 100);
