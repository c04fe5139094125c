-- hub: changes that callers have sent with a key, so that each is made once and answered the same each time
create table hub.keyed_requests (
  org_id uuid not null,
  -- user or key, and which one
  who_kind text not null,
  who_id text not null,
  -- A hash of the key. The key itself opens the answer and is kept nowhere
  key_hash text not null,
  -- A hash of the route and of what was sent
  asked text not null,
  -- Stands for the change towards subgraphs, whoever takes it over
  id uuid not null,
  -- The run of the gateway that does it, or did it
  attempt uuid not null,
  state text not null check (state in ('RUNNING', 'DONE')),
  -- Until when nobody else takes it over
  leased_until timestamptz not null,
  -- What was answered, sealed with the caller's key. Null while it is running, and where it is not kept
  answer text check (octet_length(answer) <= 2000000),
  expires_at timestamptz not null,
  primary key (org_id, who_kind, who_id, key_hash)
);
create index keyed_requests_over on hub.keyed_requests (org_id, expires_at);
alter table hub.keyed_requests enable row level security;
alter table hub.keyed_requests force row level security;
create policy own_organisation on hub.keyed_requests to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on hub.keyed_requests to :app;
