-- telephony: billing accounts, their trunks and numbers, and which customer an account belongs to
create table telephony.billing_accounts (
  org_id uuid not null,
  ban text not null check (ban ~ '^[0-9A-Z-]{3,32}$'),
  name text not null check (length(name) between 1 and 200),
  domain text,
  status text not null check (status in ('ACTIVE', 'SUSPENDED', 'CHURNED')),
  tier text not null check (tier in ('STARTER', 'GROWTH', 'ENTERPRISE')),
  mrr numeric(16, 4) not null check (mrr >= 0),
  credit_limit numeric(16, 4) not null check (credit_limit >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  contract_end date,
  payment_terms text not null,
  payment_method text not null check (payment_method in ('CARD', 'ACH', 'WIRE')),
  payment_status text not null check (payment_status in ('CURRENT', 'PAST_DUE', 'SUSPENDED')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, ban)
);

create table telephony.trunks (
  org_id uuid not null,
  id uuid not null,
  ban text not null,
  name text not null check (length(name) between 1 and 100),
  status text not null check (status in ('PENDING', 'ACTIVE', 'SUSPENDED', 'DELETED')),
  ip_addresses inet[] not null,
  concurrent_calls integer not null check (concurrent_calls > 0),
  monthly_minutes integer not null check (monthly_minutes >= 0),
  partition_id text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, id),
  unique (org_id, ban, name),
  foreign key (org_id, ban) references telephony.billing_accounts
);
create index trunks_of_account on telephony.trunks (org_id, ban, name, id);

create table telephony.numbers (
  org_id uuid not null,
  id uuid not null,
  ban text not null,
  trunk_id uuid,
  number text not null check (number ~ '^\+[1-9][0-9]{6,14}$'),
  type text not null check (type in ('LOCAL', 'TOLLFREE', 'MOBILE')),
  capabilities text[] not null check (capabilities <@ array['VOICE', 'SMS']),
  monthly_cost numeric(16, 4) not null check (monthly_cost >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  cnam text check (length(cnam) <= 15),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, id),
  unique (org_id, number),
  foreign key (org_id, ban) references telephony.billing_accounts,
  foreign key (org_id, trunk_id) references telephony.trunks
);
create index numbers_of_account on telephony.numbers (org_id, ban, number, id);
create index numbers_of_trunk on telephony.numbers (org_id, trunk_id);

-- Which customer an account belongs to, as customers says: for filters by customer, and for nothing else.
create table telephony.account_customers (
  org_id uuid not null,
  ban text not null,
  customer_id text not null,
  identity_version integer not null,
  primary key (org_id, ban)
);
create index account_customers_by_customer on telephony.account_customers (org_id, customer_id);

do $$
declare t text;
begin
  foreach t in array array['billing_accounts', 'trunks', 'numbers', 'account_customers'] loop
    execute format('alter table telephony.%I enable row level security', t);
    execute format('alter table telephony.%I force row level security', t);
    execute format(
      'create policy tenant on telephony.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
  end loop;
end $$;
grant select, insert, update, delete on all tables in schema telephony to :app;
