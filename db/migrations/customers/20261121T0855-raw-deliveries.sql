-- customers: a webhook as it came, sealed, for as long as what it told is not done; and those of portals nobody is connected to yet
alter table customers.webhook_deliveries
  -- Sealed for this organisation and row. Null once its records were read: then nobody needs its words any more.
  add column raw_sealed text;
create index webhook_deliveries_by_status on customers.webhook_deliveries (org_id, status, received_at desc, id desc);
create index webhook_deliveries_failed on customers.webhook_deliveries (org_id, noted_at) where status = 'FAILED';
create index webhook_deliveries_raw on customers.webhook_deliveries (org_id, received_at) where raw_sealed is not null;

-- Webhooks of portals that nobody is connected to: taken when somebody connects, forgotten otherwise. They belong to no
-- organisation, so no organisation sees them.
create table customers.unroutable_deliveries (
  id uuid primary key,
  portal_id text not null,
  receiver text not null,
  received_at timestamptz not null,
  event_count integer not null,
  -- Sealed for this row.
  raw_sealed text not null
);
create index unroutable_deliveries_by_portal on customers.unroutable_deliveries (portal_id, received_at, id);
grant select, insert, delete on customers.unroutable_deliveries to :relay;
alter table customers.unroutable_portals add column alerted_at timestamptz;

-- Whether a connection was ended is said by the moment it was.
grant select (disconnected_at) on customers.integrations to :relay;
