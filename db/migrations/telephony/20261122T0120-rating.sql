-- telephony: what usage costs, what accounts are billed, and how that grows

create table telephony.rate_plans (
  org_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 100),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- The newest one.
  version integer not null check (version > 0),
  retired_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, id),
  unique (org_id, name)
);

-- A version is written once and read as a whole: its prices are one document, with decimals as text.
create table telephony.rate_plan_versions (
  org_id uuid not null,
  plan_id uuid not null,
  version integer not null check (version > 0),
  terms jsonb not null,
  created_at timestamptz not null,
  primary key (org_id, plan_id, version),
  foreign key (org_id, plan_id) references telephony.rate_plans
);

-- By which plan an account is billed from a month on, until the next row. Without a plan: by none.
create table telephony.account_rate_plans (
  org_id uuid not null,
  ban text not null,
  from_month date not null check (extract(day from from_month) = 1),
  plan_id uuid,
  version integer,
  set_at timestamptz not null,
  primary key (org_id, ban, from_month),
  foreign key (org_id, ban) references telephony.billing_accounts,
  foreign key (org_id, plan_id, version) references telephony.rate_plan_versions,
  check ((plan_id is null) = (version is null))
);

-- How far what is done once a day, or once a month, has come: everything until this day of the organisation.
create table telephony.nights (
  org_id uuid not null,
  task text not null check (task in ('USAGE', 'MRR', 'OVERDUE', 'INVOICES', 'GROWTH')),
  until date not null,
  -- The account that was dealt with last, in the day or month after that; null when none was.
  after_ban text,
  primary key (org_id, task)
);

-- What others were last told of an account's day.
create table telephony.usage_days_told (
  org_id uuid not null,
  ban text not null,
  day date not null,
  calls integer not null,
  messages integer not null,
  told_at timestamptz not null,
  primary key (org_id, day, ban)
);

-- What went on some days is asked of all accounts at once.
create index usage_days_by_day on telephony.usage_days (org_id, slot, ban);

-- Days on which what an account pays a month became another amount, or it came or went: a day without a row is as the one before.
create table telephony.mrr_days (
  org_id uuid not null,
  ban text not null,
  day date not null,
  status text not null check (status in ('ACTIVE', 'SUSPENDED', 'CHURNED')),
  mrr numeric(16, 4) not null check (mrr >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  primary key (org_id, ban, day)
);

create table telephony.invoices (
  org_id uuid not null,
  id uuid not null,
  ban text not null,
  month date not null check (extract(day from month) = 1),
  number text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  total numeric(16, 4) not null check (total >= 0),
  status text not null check (status in ('ISSUED', 'PAID', 'OVERDUE', 'VOID')),
  issued_at timestamptz not null,
  due_on date not null,
  paid_on date check ((paid_on is not null) = (status = 'PAID')),
  void_reason text check ((void_reason is not null) = (status = 'VOID')),
  updated_at timestamptz not null,
  primary key (org_id, id),
  -- One for a month, also of those that are void: whoever bills the same month again finds it.
  unique (org_id, ban, month),
  unique (org_id, number),
  foreign key (org_id, ban) references telephony.billing_accounts
);
create index invoices_newest on telephony.invoices (org_id, month desc, ban desc);
create index invoices_of_account on telephony.invoices (org_id, ban, month desc);
create index invoices_to_be_paid on telephony.invoices (org_id, due_on) where status = 'ISSUED';

create table telephony.invoice_lines (
  org_id uuid not null,
  invoice_id uuid not null,
  position integer not null,
  kind text not null check (kind in ('FEE', 'NUMBERS', 'MINUTES', 'MESSAGES', 'LATE_USAGE')),
  -- Of minutes and messages: where they went.
  class text check (class in ('LOCAL', 'TOLLFREE', 'MOBILE', 'INTERNATIONAL')),
  -- Of numbers: what kind they are.
  number_type text check (number_type in ('LOCAL', 'TOLLFREE', 'MOBILE')),
  -- The month the usage is of: an earlier one for what came late.
  of_month date not null,
  -- Minutes, messages, numbers or months, and how many minutes of them cost nothing.
  quantity numeric(20, 4) not null,
  included numeric(20, 4) not null default 0,
  amount numeric(16, 4) not null,
  primary key (org_id, invoice_id, position),
  foreign key (org_id, invoice_id) references telephony.invoices
);

create table telephony.growth_months (
  org_id uuid not null,
  month date not null check (extract(day from month) = 1),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  live_at_begin integer not null,
  opened integer not null,
  closed integer not null,
  mrr_begin numeric(16, 4) not null,
  mrr_new numeric(16, 4) not null,
  mrr_expansion numeric(16, 4) not null,
  mrr_contraction numeric(16, 4) not null,
  mrr_churned numeric(16, 4) not null,
  seconds bigint not null,
  -- Of the month before.
  seconds_before bigint not null,
  primary key (org_id, month, currency)
);

do $$
declare t text;
begin
  foreach t in array array['rate_plans', 'rate_plan_versions', 'account_rate_plans', 'nights', 'usage_days_told', 'mrr_days', 'invoices',
    'invoice_lines', 'growth_months'] loop
    execute format('alter table telephony.%I enable row level security', t);
    execute format('alter table telephony.%I force row level security', t);
    execute format(
      'create policy tenant on telephony.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
    execute format('grant select, insert, update, delete on telephony.%I to :app', t);
  end loop;
end $$;

-- What is done at night is done for every organisation: of them, relay sees that they are there and nothing else.
create policy nightly on telephony.organisations for select to :relay using (true);
grant select (org_id) on telephony.organisations to :relay;
