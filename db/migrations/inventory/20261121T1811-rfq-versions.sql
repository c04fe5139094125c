-- inventory: what requests for prices said before they were changed, so that what a sync brought over can be undone
create table inventory.rfq_versions (
  org_id uuid not null,
  rfq_id uuid not null,
  connection_id uuid not null,
  -- Until when it said so.
  valid_to timestamptz not null,
  -- By the names that fields are compared by.
  held jsonb not null check (jsonb_typeof(held) = 'object'),
  primary key (org_id, rfq_id, valid_to),
  foreign key (org_id, rfq_id) references inventory.rfqs on delete cascade
);
create index rfq_versions_oldest on inventory.rfq_versions (org_id, connection_id, valid_to);
alter table inventory.rfq_versions enable row level security;
alter table inventory.rfq_versions force row level security;
create policy tenant on inventory.rfq_versions to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on inventory.rfq_versions to :app;
