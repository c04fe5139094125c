-- customers: who wins where a portal and the hub have both changed something, in all its versions
create table customers.policies (
  org_id uuid not null,
  integration_id uuid not null,
  -- What the hub takes for granted is version 1, and has no row.
  version integer not null check (version > 1),
  -- {fields: {type: {field: word}}, deletions: {type: word}, clockToleranceMs, rank}; only what somebody decided.
  rules jsonb not null check (jsonb_typeof(rules) = 'object'),
  saved_at timestamptz not null,
  saved_by text not null,
  primary key (org_id, integration_id, version)
);
alter table customers.policies enable row level security;
alter table customers.policies force row level security;
create policy tenant on customers.policies to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.policies to :app;

-- Which portal speaks first for a customer that several know; copied from its policy, for whoever orders by it.
alter table customers.integrations add column rank integer not null default 100 check (rank between 1 and 1000);
