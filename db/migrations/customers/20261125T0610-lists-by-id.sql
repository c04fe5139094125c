-- customers: lists by id walk an index of their organisation, and not the keys of all. Companies keep none that begins with the
-- organisation: without statistics the planner would take it for every look-up by customer.
create index contacts_by_id on customers.contacts (org_id, id) where gone_at is null;
create index notes_by_id on customers.notes (org_id, id) where gone_at is null;
create index deals_by_id on customers.deals (org_id, id) where gone_at is null;
