-- customers: audit rows are told to hub, as events of this subgraph
create trigger told after insert on service.audit_log
  referencing new table as written
  for each statement execute function service.tell_audit('customers');
