-- service: which requests with a key have been done, written in the transaction of the change
create table service.done_requests (
  org_id uuid not null,
  -- What hub has for the change; neither the caller nor the caller's key can be told from it
  key text not null,
  -- The one run of the gateway that did it
  attempt text not null,
  at timestamptz not null,
  primary key (org_id, key)
);
create index done_requests_oldest on service.done_requests (org_id, at);
alter table service.done_requests enable row level security;
alter table service.done_requests force row level security;
create policy own_organisation on service.done_requests to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on service.done_requests to :app;
