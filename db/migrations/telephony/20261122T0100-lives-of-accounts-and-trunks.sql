-- telephony: what an account may do, the lives of accounts and trunks, calls by credit, and what onboardings were given
alter table telephony.billing_accounts
  add column api_enabled boolean not null default false,
  add column sms_enabled boolean not null default false,
  -- Null unless it is suspended.
  add column suspended_because text check (suspended_because in ('NOT_PAID', 'ABUSE', 'ON_REQUEST', 'OTHER')),
  add column closed_at timestamptz,
  -- False: nobody has agreed a limit, and credit_limit is 0.
  add column has_credit_limit boolean not null default false,
  -- What HubSpot said of the limit last. Null until it has said something.
  add column credit_limit_said numeric(16, 4),
  -- What the limit was set to here since then: HubSpot may be about to say it back, which is no news.
  add column credit_limits_set numeric(16, 4)[] not null default '{}',
  -- The customer it was opened for, when whoever opened it knew. Which customer it belongs to is for customers to say.
  add column opened_for text,
  add column version integer not null default 1;
create index billing_accounts_by_name on telephony.billing_accounts (org_id, name, ban);
create index billing_accounts_opened_for on telephony.billing_accounts (org_id, opened_for) where opened_for is not null;

alter table telephony.trunks
  add column codecs text[] not null default '{PCMU,PCMA}' check (codecs <@ array['PCMU', 'PCMA', 'G722', 'G729', 'OPUS'] and cardinality(codecs) > 0),
  -- Calls at once that the account's credit lets it carry.
  add column allowed_calls integer check (allowed_calls between 1 and concurrent_calls),
  -- It stopped with its account, and goes on with it.
  add column suspended_with_account boolean not null default false,
  add column version integer not null default 1,
  -- A trunk that was taken down no longer claims its name.
  drop constraint trunks_org_id_ban_name_key;
create unique index trunks_by_name_of_account on telephony.trunks (org_id, ban, name) where status <> 'DELETED';
create index trunks_by_name on telephony.trunks (org_id, name, id) where status <> 'DELETED';

-- No organisation is set while migrations run, so for a moment the owner has to see the rows of all.
alter table telephony.billing_accounts no force row level security;
alter table telephony.trunks no force row level security;
update telephony.billing_accounts set has_credit_limit = credit_limit > 0;
update telephony.trunks set allowed_calls = concurrent_calls;
alter table telephony.billing_accounts force row level security;
alter table telephony.trunks force row level security;
alter table telephony.trunks alter column allowed_calls set not null;

-- How much credit one call at a time takes. An organisation without a row has the rule that domain/credit.ts begins with.
create table telephony.credit_rules (
  org_id uuid primary key,
  -- Null: credit limits no calls.
  per_call numeric(16, 4) check (per_call > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  version integer not null,
  updated_at timestamptz not null
);

-- What HubSpot's companies say of credit limits, each as it said last.
create table telephony.company_credits (
  org_id uuid not null,
  company_id text not null,
  customer_id text not null,
  -- The billing account that the company says it is; null when it says none.
  ban text,
  -- Null: it says nothing of a limit.
  amount numeric(16, 4),
  currency text,
  observed_at timestamptz not null,
  -- Since when it says just that: a company that changed in something else speaks no louder for it.
  said_at timestamptz not null,
  primary key (org_id, company_id)
);
create index company_credits_of_account on telephony.company_credits (org_id, ban) where ban is not null;
create index company_credits_of_customer on telephony.company_credits (org_id, customer_id);

-- What an onboarding was given, so that it is given once.
create table telephony.onboardings (
  org_id uuid not null,
  onboarding_id text not null,
  customer_id text not null,
  ban text,
  trunk_id uuid,
  primary key (org_id, onboarding_id),
  foreign key (org_id, ban) references telephony.billing_accounts,
  foreign key (org_id, trunk_id) references telephony.trunks
);

do $$
declare t text;
begin
  foreach t in array array['credit_rules', 'company_credits', 'onboardings'] loop
    execute format('alter table telephony.%I enable row level security', t);
    execute format('alter table telephony.%I force row level security', t);
    execute format(
      'create policy tenant on telephony.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
  end loop;
end $$;
grant select, insert, update, delete on telephony.credit_rules, telephony.company_credits, telephony.onboardings to :app;
