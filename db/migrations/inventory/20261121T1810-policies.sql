-- inventory: who wins where C3 and the hub have both changed something, in all its versions
create table inventory.policies (
  org_id uuid not null,
  integration_id uuid not null,
  -- What the hub takes for granted is version 1, and has no row.
  version integer not null check (version > 1),
  -- {fields: {type: {field: word}}, deletions: {}, clockToleranceMs}; only what somebody decided.
  rules jsonb not null check (jsonb_typeof(rules) = 'object'),
  saved_at timestamptz not null,
  saved_by text not null,
  primary key (org_id, integration_id, version)
);
alter table inventory.policies enable row level security;
alter table inventory.policies force row level security;
create policy tenant on inventory.policies to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on inventory.policies to :app;
