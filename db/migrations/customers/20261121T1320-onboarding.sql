-- customers: what becomes of a customer from the deal that was won to the first trunk, step by step, and the mail that welcomes it
create table customers.onboardings (
  org_id uuid not null,
  id uuid primary key,
  -- Null while nobody knows whose deal it is.
  customer_id uuid,
  -- Null when somebody has started it by hand.
  deal_id uuid,
  -- The portal that the deal is in, or that was named; null when there is none.
  integration_id uuid,
  state text not null check (state in ('RUNNING', 'COMPLETED', 'STOPPED', 'CANCELLED')),
  -- Why it does not go on.
  stopped_because text check (stopped_because in ('DEAL_REOPENED', 'DEAL_DELETED')),
  started_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at timestamptz
);
-- Who is waited for is looked up with every event that may end the waiting.
create index onboardings_running on customers.onboardings (org_id, customer_id) where state = 'RUNNING';
create index onboardings_of_customer on customers.onboardings (org_id, customer_id, started_at desc, id desc);
create index onboardings_newest on customers.onboardings (org_id, date_trunc('milliseconds', started_at, 'UTC') desc, id desc);

create table customers.onboarding_steps (
  org_id uuid not null,
  onboarding_id uuid not null references customers.onboardings (id) on delete cascade,
  step text not null,
  state text not null check (state in ('PENDING', 'WAITING', 'DONE', 'SKIPPED', 'FAILED')),
  -- What it waits for, why it was left out, or what went wrong: a word of the hub.
  code text,
  attempts integer not null default 0,
  changed_at timestamptz not null,
  primary key (org_id, onboarding_id, step)
);

-- Whether won deals begin it, and the words of the mail.
create table customers.onboarding_settings (
  org_id uuid primary key,
  version integer not null check (version > 1),
  starts_by_itself boolean not null,
  sends_mail boolean not null,
  mail_subject text not null,
  mail_body text not null,
  saved_by text not null,
  saved_at timestamptz not null
);

-- What telephony has told of accounts, as far as onboarding has to know it.
create table customers.account_facts (
  org_id uuid not null,
  ban text not null,
  status text,
  tier text,
  trunk_id text,
  observed_at timestamptz not null,
  primary key (org_id, ban)
);

-- Mails that are to be sent. To whom and what they say is read when they are: here are ids only.
create table customers.mail_outbox (
  org_id uuid not null,
  id uuid primary key,
  contact_id uuid not null,
  onboarding_id uuid not null references customers.onboardings (id) on delete cascade,
  state text not null check (state in ('QUEUED', 'SENT', 'WITHHELD', 'FAILED')),
  attempts integer not null default 0,
  error_code text,
  made_at timestamptz not null,
  tried_at timestamptz,
  settled_at timestamptz
);
create index mail_outbox_of_contact on customers.mail_outbox (org_id, contact_id);
create index mail_outbox_of_onboarding on customers.mail_outbox (org_id, onboarding_id);

alter table customers.onboardings enable row level security;
alter table customers.onboardings force row level security;
create policy tenant on customers.onboardings to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.onboardings to :app;
alter table customers.onboarding_steps enable row level security;
alter table customers.onboarding_steps force row level security;
create policy tenant on customers.onboarding_steps to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.onboarding_steps to :app;
alter table customers.onboarding_settings enable row level security;
alter table customers.onboarding_settings force row level security;
create policy tenant on customers.onboarding_settings to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.onboarding_settings to :app;
alter table customers.account_facts enable row level security;
alter table customers.account_facts force row level security;
create policy tenant on customers.account_facts to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.account_facts to :app;
alter table customers.mail_outbox enable row level security;
alter table customers.mail_outbox force row level security;
create policy tenant on customers.mail_outbox to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.mail_outbox to :app;
