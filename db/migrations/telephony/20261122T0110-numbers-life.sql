-- telephony: the life of a number, orders to move numbers between carriers, emergency addresses, and who may send messages
alter table telephony.numbers
  add column status text not null default 'ACTIVE'
    check (status in ('PORTING_IN', 'ACTIVE', 'PORTING_OUT', 'PORTED_OUT', 'RELEASED')),
  add column origin text not null default 'PURCHASED' check (origin in ('PURCHASED', 'PORTED')),
  -- When it came from another carrier; one that we gave out was the account's from the beginning.
  add column ported_at timestamptz check (ported_at is null or origin = 'PORTED'),
  add column released_at timestamptz,
  add column resp_org text not null default 'NONE' check (resp_org in ('NONE', 'PENDING', 'ACTIVE')),
  add column e911_status text not null default 'NONE' check (e911_status in ('NONE', 'PENDING', 'REGISTERED', 'REJECTED')),
  -- Sealed by the hub's key for this number of this organisation: nobody reads a street in the database.
  add column e911_address text,
  add column e911_hash text,
  add column e911_reason text check (length(e911_reason) <= 500),
  add column version integer not null default 1,
  add constraint numbers_resp_org_is_tollfree check (resp_org = 'NONE' or type = 'TOLLFREE'),
  add constraint numbers_released_once_over check ((released_at is not null) = (status in ('PORTED_OUT', 'RELEASED'))),
  add constraint numbers_address_with_status
    check ((e911_status = 'NONE') = (e911_address is null) and (e911_address is null) = (e911_hash is null)),
  drop constraint numbers_org_id_number_key;

-- One account at a time has a number, or waits for it; what became of it before stays.
create unique index numbers_in_use on telephony.numbers (org_id, number) where status in ('PORTING_IN', 'ACTIVE', 'PORTING_OUT');
create index numbers_by_number on telephony.numbers (org_id, number, id);
create index numbers_with_address on telephony.numbers (org_id, id) where e911_address is not null;

create table telephony.port_orders (
  org_id uuid not null,
  id uuid not null,
  ban text not null,
  direction text not null check (direction in ('IN', 'OUT')),
  status text not null check (status in ('DRAFT', 'SUBMITTED', 'CONFIRMED', 'REJECTED', 'CANCELLED', 'COMPLETED')),
  carrier text not null check (length(carrier) between 1 and 100),
  wanted_on date,
  agreed_on date,
  reason text check (length(reason) <= 500),
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, id),
  foreign key (org_id, ban) references telephony.billing_accounts
);
create index port_orders_of_account on telephony.port_orders (org_id, ban, created_at desc, id desc);
create index port_orders_newest on telephony.port_orders (org_id, created_at desc, id desc);

create table telephony.port_order_numbers (
  org_id uuid not null,
  port_order_id uuid not null,
  number_id uuid not null,
  is_open boolean not null,
  primary key (org_id, port_order_id, number_id),
  foreign key (org_id, port_order_id) references telephony.port_orders,
  foreign key (org_id, number_id) references telephony.numbers
);
-- A number moves one way at a time.
create unique index port_order_numbers_open on telephony.port_order_numbers (org_id, number_id) where is_open;

create table telephony.brands (
  org_id uuid not null,
  id uuid not null,
  ban text not null,
  display_name text not null check (length(display_name) between 1 and 100),
  kind text not null,
  vertical text not null,
  website text check (length(website) <= 200),
  status text not null check (status in ('PENDING', 'REGISTERED', 'REJECTED')),
  tcr_brand_id text check (tcr_brand_id ~ '^[A-Za-z0-9]{1,40}$'),
  reason text check (length(reason) <= 500),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, id),
  foreign key (org_id, ban) references telephony.billing_accounts,
  check ((status = 'REGISTERED') = (tcr_brand_id is not null))
);
-- An account sends under one name.
create unique index brands_in_use on telephony.brands (org_id, ban) where status in ('PENDING', 'REGISTERED');
create unique index brands_by_tcr_id on telephony.brands (org_id, tcr_brand_id);
create index brands_of_account on telephony.brands (org_id, ban, created_at desc, id desc);

create table telephony.campaigns (
  org_id uuid not null,
  id uuid not null,
  brand_id uuid not null,
  ban text not null,
  use_case text not null,
  description text not null check (length(description) <= 4096),
  sample_messages text[] not null check (cardinality(sample_messages) between 1 and 5),
  status text not null check (status in ('PENDING', 'REGISTERED', 'REJECTED', 'EXPIRED')),
  tcr_campaign_id text check (tcr_campaign_id ~ '^[A-Za-z0-9]{1,40}$'),
  reason text check (length(reason) <= 500),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, id),
  foreign key (org_id, brand_id) references telephony.brands,
  foreign key (org_id, ban) references telephony.billing_accounts,
  check (status <> 'REGISTERED' or tcr_campaign_id is not null)
);
create unique index campaigns_by_tcr_id on telephony.campaigns (org_id, tcr_campaign_id);
create index campaigns_of_account on telephony.campaigns (org_id, ban, created_at desc, id desc);
create index campaigns_newest on telephony.campaigns (org_id, created_at desc, id desc);

create table telephony.campaign_numbers (
  org_id uuid not null,
  number_id uuid not null,
  campaign_id uuid not null,
  -- A number sends for one campaign at a time.
  primary key (org_id, number_id),
  foreign key (org_id, campaign_id) references telephony.campaigns,
  foreign key (org_id, number_id) references telephony.numbers
);
create index campaign_numbers_of_campaign on telephony.campaign_numbers (org_id, campaign_id);

do $$
declare t text;
begin
  foreach t in array array['port_orders', 'port_order_numbers', 'brands', 'campaigns', 'campaign_numbers'] loop
    execute format('alter table telephony.%I enable row level security', t);
    execute format('alter table telephony.%I force row level security', t);
    execute format(
      'create policy tenant on telephony.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
  end loop;
end $$;
grant select, insert, update, delete on
  telephony.port_orders, telephony.port_order_numbers, telephony.brands, telephony.campaigns, telephony.campaign_numbers to :app;
