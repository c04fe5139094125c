-- insights: the web domain that each account says it has, by which whoever sends facts may name it
create table insights.domains (
  org_id uuid not null,
  account_system text not null check (account_system in ('HUBSPOT', 'C3', 'WARP')),
  account_id text not null,
  -- Null when it has none, or is gone: the row stays, so that an older word cannot bring it back.
  domain text,
  source_pos bigint not null,
  primary key (org_id, account_system, account_id)
);
create index domains_by_name on insights.domains (org_id, domain) where domain is not null;

alter table insights.domains enable row level security;
alter table insights.domains force row level security;
create policy tenant on insights.domains to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on insights.domains to :app;
