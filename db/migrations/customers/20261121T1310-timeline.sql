-- customers: what is told on the timelines of HubSpot's companies, and how things stood when it was last told
create table customers.timeline_events (
  org_id uuid not null,
  -- Always the same for the same event: told again it is this one, here and at HubSpot.
  id uuid not null,
  integration_id uuid not null,
  company_id uuid not null,
  kind text not null check (length(kind) between 1 and 100),
  tokens jsonb not null check (jsonb_typeof(tokens) = 'object'),
  occurred_at timestamptz not null,
  state text not null default 'WAITING' check (state in ('WAITING', 'SENDING', 'SENT', 'NOTED', 'REFUSED')),
  -- Once it may be there, it is not written in another way.
  way text check (way in ('TIMELINE', 'NOTE')),
  problem text,
  created_at timestamptz not null,
  settled_at timestamptz,
  primary key (org_id, id)
);
create index timeline_events_of_company on customers.timeline_events (org_id, company_id, occurred_at desc, id desc);
-- Few wait at a time: a company that gets its id looks among these only.
create index timeline_events_waiting on customers.timeline_events (org_id, integration_id, company_id) where state = 'WAITING';

-- Accounts, trunks and numbers as they were when events were last made of them.
create table customers.timeline_told (
  org_id uuid not null,
  subject text not null check (subject in ('ACCOUNT', 'TRUNK', 'NUMBER')),
  id text not null check (length(id) between 1 and 200),
  state jsonb not null check (jsonb_typeof(state) = 'object'),
  observed_at timestamptz not null,
  primary key (org_id, subject, id)
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['timeline_events', 'timeline_told'] loop
    execute format('alter table customers.%I enable row level security', tenant_table);
    execute format('alter table customers.%I force row level security', tenant_table);
  end loop;
end
$$;
create policy tenant on customers.timeline_events to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy tenant on customers.timeline_told to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.timeline_events, customers.timeline_told to :app;

-- The kinds of event that are told by themselves; null: those of accounts and services.
alter table customers.integrations add column timeline_kinds text[];
