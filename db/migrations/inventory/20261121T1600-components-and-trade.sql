-- inventory: what parts are, who offers them, what was traded, and the lines of requests by themselves
create extension if not exists pg_trgm with schema public;

alter table inventory.components
  add column category text,
  add column family text,
  add column package text,
  add column lifecycle text check (lifecycle in ('ACTIVE', 'NOT_FOR_NEW_DESIGNS', 'LAST_TIME_BUY', 'OBSOLETE')),
  add column parameters jsonb not null default '[]',
  -- Who offers it, the cheapest first, as C3 has it.
  add column sources jsonb not null default '[]',
  -- Letters and digits alone, and the same without what only says how the parts are packed: what part numbers are compared by.
  add column normal_number text,
  add column base_number text,
  -- Everything that words are looked for in, in capitals.
  add column search_text text;
create index components_by_normal_number on inventory.components (org_id, normal_number text_pattern_ops, id);
create index components_by_base_number on inventory.components (org_id, base_number);
create index components_by_family on inventory.components (org_id, family);
create index components_by_word on inventory.components using gin (search_text public.gin_trgm_ops);
create index components_by_source on inventory.components using gin (sources jsonb_path_ops);

alter table inventory.inventory
  add column received_on date,
  -- json, not jsonb: the texts are compared with what C3 says, byte by byte.
  add column price_breaks json,
  -- What this row says of its part. Another row of the same part may say something else.
  add column part json;
create index inventory_by_component on inventory.inventory (org_id, component_id) where deleted_at is null;

alter table inventory.rfqs
  add column note text,
  add column reservations json;

create table inventory.rfq_lines (
  org_id uuid not null,
  rfq_id uuid not null,
  line integer not null,
  part_number text not null,
  normal_number text not null,
  base_number text not null,
  -- Null when the customer named none.
  manufacturer text,
  quantity integer not null check (quantity > 0),
  target_price numeric(18, 4) check (target_price >= 0),
  unit_price numeric(18, 4) check (unit_price >= 0),
  -- The part that a colleague has chosen, where it was not sure.
  chosen_component_id uuid,
  primary key (org_id, rfq_id, line),
  foreign key (org_id, rfq_id) references inventory.rfqs on delete cascade
);
create index rfq_lines_by_base_number on inventory.rfq_lines (org_id, base_number);

create table inventory.suppliers (
  org_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  c3_supplier_id varchar(50) not null,
  name text not null,
  country text,
  lead_time_days integer not null check (lead_time_days >= 0),
  on_time numeric(5, 4) check (on_time between 0 and 1),
  is_approved boolean not null,
  c3_modified_at timestamptz not null,
  c3_last_sync timestamptz not null,
  deleted_at timestamptz,
  primary key (org_id, id),
  unique (org_id, connection_id, c3_supplier_id),
  foreign key (org_id, connection_id) references inventory.integrations
);
create index suppliers_by_name on inventory.suppliers (org_id, name, id) where deleted_at is null;

create table inventory.transactions (
  org_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  c3_transaction_id varchar(50) not null,
  kind text not null check (kind in ('SALE', 'RETURN', 'PURCHASE')),
  -- Ids that the account, the supplier, the request and the part have or will have here: they arrive at the same time.
  account_id uuid,
  supplier_id uuid,
  rfq_id uuid,
  component_id uuid not null,
  c3_customer_id varchar(50),
  c3_supplier_id varchar(50),
  c3_rfq_id varchar(50),
  rfq_line integer,
  c3_stock_id varchar(50),
  part_number text not null,
  manufacturer text not null,
  quantity integer not null check (quantity > 0),
  unit_price numeric(18, 4) not null check (unit_price >= 0),
  unit_cost numeric(18, 4) check (unit_cost >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  occurred_at timestamptz not null,
  c3_modified_at timestamptz not null,
  c3_last_sync timestamptz not null,
  deleted_at timestamptz,
  primary key (org_id, id),
  unique (org_id, connection_id, c3_transaction_id),
  foreign key (org_id, connection_id) references inventory.integrations
);
create index transactions_newest on inventory.transactions (org_id, occurred_at desc, id) where deleted_at is null;
create index transactions_of_account on inventory.transactions (org_id, account_id, occurred_at desc, id) where deleted_at is null;
create index transactions_of_component on inventory.transactions (org_id, component_id, occurred_at desc, id) where deleted_at is null;

do $$
declare t text;
begin
  foreach t in array array['rfq_lines', 'suppliers', 'transactions'] loop
    execute format('alter table inventory.%I enable row level security', t);
    execute format('alter table inventory.%I force row level security', t);
    execute format(
      'create policy tenant on inventory.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
    execute format('grant select, insert, update, delete on inventory.%I to :app', t);
  end loop;
end $$;
