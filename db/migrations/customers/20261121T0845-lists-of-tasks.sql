-- customers: a list of all tasks, soonest first
-- Not the organisation first: see companies_by_customer. A list of all is put together from the open ones and the others.
create index tasks_by_due on customers.tasks (is_open, org_id, due_at, id) where gone_at is null;
