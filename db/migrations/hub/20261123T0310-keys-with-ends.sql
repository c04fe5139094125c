-- hub: keys that end, have another secret, may be changed, and are for some customers only
alter table hub.api_keys
  add column expires_at timestamptz,
  add column previous_until timestamptz,
  -- Null: all customers of the organisation
  add column customer_ids uuid[] check (cardinality(customer_ids) between 1 and 500),
  add column version integer not null default 1;
-- A former secret works until then; null: until the key itself ends
alter table hub.key_routes add column ends_at timestamptz;
create index key_routes_of_key on hub.key_routes (org_id, key_id);
grant update, delete on hub.key_routes to :app;
