-- inventory: stock rows and requests with the columns that were promised of them, each true whenever somebody looks
-- A column beside what it speaks of would be wrong between the two being written. No code has ever written or read this one:
alter table inventory.rfqs drop column sync_conflict;
-- This one is still written, always with the same word, by code from before. It is empty, and goes with the next release.
alter table inventory.inventory drop column sync_status;
alter table inventory.inventory add column sync_status text;

create schema c3;
grant usage on schema c3 to :app;

create view c3.inventory with (security_invoker = true) as
  select i.org_id, i.id, i.component_id, i.c3_stock_id, i.location, i.quantity_available,
    -- What C3 counts, and what the hub has promised on top of it.
    i.quantity_reserved + i.quantity_promised as quantity_reserved,
    i.cost_per_unit, i.c3_cost_per_unit, i.date_code, i.lot_code,
    -- Of what no source speaks for any more, what was written when it last did.
    coalesce(s.last_synced_at, i.c3_last_sync) as c3_last_sync, lower(coalesce(s.state, 'SYNCED')) as sync_status,
    i.created_at, i.updated_at
  from inventory.inventory i
  left join sync.standings s on s.org_id = i.org_id and s.connection_id = i.connection_id and s.local_id = i.id
  where i.deleted_at is null;

create view c3.rfqs with (security_invoker = true) as
  select r.org_id, r.id,
    -- As customers knows it; null where it is not known whose the account is.
    a.customer_id, r.c3_rfq_id, r.c3_quote_id, r.rfq_number, lower(r.status) as status, r.c3_status, r.ai_recommendations,
    coalesce(s.last_synced_at, r.c3_last_sync) as c3_last_sync, coalesce(s.contested, false) as sync_conflict,
    lower(coalesce(s.state, 'SYNCED')) as sync_status, r.created_at
  from inventory.rfqs r
  left join inventory.account_customers a on a.org_id = r.org_id and a.account_id = r.account_id
  left join sync.standings s on s.org_id = r.org_id and s.connection_id = r.connection_id and s.local_id = r.id
  where r.deleted_at is null;
grant select on c3.inventory, c3.rfqs to :app;
