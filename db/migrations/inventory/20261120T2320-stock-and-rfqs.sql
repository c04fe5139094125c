-- inventory: C3 connections, stock, requests for quotation with their lines, and C3's customers
create table inventory.integrations (
  org_id uuid not null,
  id uuid not null,
  name text not null,
  base_url text not null,
  -- Sealed; the associated data is organisation and row.
  api_key text not null,
  status text not null check (status in ('ACTIVE', 'NEEDS_REAUTH', 'PAUSED')),
  last_sync_at timestamptz,
  created_at timestamptz not null,
  primary key (org_id, id)
);

create table inventory.components (
  org_id uuid not null,
  id uuid not null,
  part_number text not null,
  manufacturer text not null,
  description text,
  primary key (org_id, id),
  unique (org_id, part_number, manufacturer)
);
create index components_by_part_number on inventory.components (org_id, part_number text_pattern_ops, id);

create table inventory.inventory (
  org_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  component_id uuid not null,
  -- Repeated from the component, so that a page of stock walks one index.
  part_number text not null,
  c3_stock_id varchar(50) not null,
  location varchar(100) not null,
  quantity_available integer not null check (quantity_available >= 0),
  quantity_reserved integer not null check (quantity_reserved >= 0),
  cost_per_unit numeric(10, 4) not null check (cost_per_unit >= 0),
  c3_cost_per_unit numeric(10, 4) not null check (c3_cost_per_unit >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  date_code varchar(20),
  lot_code varchar(50),
  c3_last_sync timestamptz not null,
  sync_status text not null check (sync_status in ('SYNCED', 'PENDING', 'ERROR')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (org_id, id),
  unique (org_id, connection_id, c3_stock_id),
  foreign key (org_id, component_id) references inventory.components,
  foreign key (org_id, connection_id) references inventory.integrations
);
create index inventory_by_part_number on inventory.inventory (org_id, part_number text_pattern_ops, id) where deleted_at is null;

create table inventory.c3_accounts (
  org_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  c3_customer_id varchar(50) not null,
  name text not null,
  domain text,
  phone text,
  city text,
  country text,
  -- When C3 says that it last changed it.
  c3_modified_at timestamptz not null,
  c3_last_sync timestamptz not null,
  deleted_at timestamptz,
  primary key (org_id, id),
  unique (org_id, connection_id, c3_customer_id),
  foreign key (org_id, connection_id) references inventory.integrations
);

create table inventory.rfqs (
  org_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  account_id uuid not null,
  c3_customer_id varchar(50) not null,
  c3_rfq_id varchar(50) not null,
  c3_quote_id varchar(50),
  rfq_number varchar(50) not null,
  status text not null check (status in ('OPEN', 'QUOTED', 'WON', 'LOST', 'EXPIRED')),
  c3_status varchar(50) not null,
  total numeric(16, 4),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  buyer text,
  due_at timestamptz,
  -- json, not jsonb: the text is compared with what C3 says, byte by byte.
  lines json not null,
  line_count integer not null,
  ai_recommendations jsonb,
  c3_modified_at timestamptz not null,
  c3_last_sync timestamptz not null,
  sync_conflict boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (org_id, id),
  unique (org_id, connection_id, c3_rfq_id),
  foreign key (org_id, connection_id) references inventory.integrations
);
create index rfqs_newest on inventory.rfqs (org_id, created_at desc, id) where deleted_at is null;
create index rfqs_of_account on inventory.rfqs (org_id, account_id, created_at desc, id) where deleted_at is null;

-- Which customer an account belongs to, as customers says: for filters by customer, and for nothing else.
create table inventory.account_customers (
  org_id uuid not null,
  account_id uuid not null,
  customer_id text not null,
  identity_version integer not null,
  primary key (org_id, account_id)
);
create index account_customers_by_customer on inventory.account_customers (org_id, customer_id);

do $$
declare t text;
begin
  foreach t in array array['integrations', 'components', 'inventory', 'c3_accounts', 'rfqs', 'account_customers'] loop
    execute format('alter table inventory.%I enable row level security', t);
    execute format('alter table inventory.%I force row level security', t);
    execute format(
      'create policy tenant on inventory.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
  end loop;
end $$;
grant select, insert, update, delete on all tables in schema inventory to :app;
