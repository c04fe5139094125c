-- hub: a confirmation of a plan counts once. Only those that were used are here, until they would be over anyway.
create table hub.spent_confirmations (
  org_id uuid not null,
  id uuid not null,
  spent_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (org_id, id)
);
create index spent_confirmations_over on hub.spent_confirmations (org_id, expires_at);
alter table hub.spent_confirmations enable row level security;
alter table hub.spent_confirmations force row level security;
create policy own_organisation on hub.spent_confirmations to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, delete on hub.spent_confirmations to :app;
