-- inventory: what was quoted for requests and what came of it, and which requests have expired by their date
create table inventory.quotes (
  org_id uuid not null,
  rfq_id uuid not null,
  -- 1 for the first quote of a request.
  revision integer not null check (revision > 0),
  -- C3's number; null until C3 has given it one.
  number varchar(50),
  -- [{line, partNumber, quantity, unitPrice}], decimals as texts.
  lines jsonb not null,
  total numeric(18, 4) not null check (total >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- Null: nobody has said until when it holds.
  valid_until timestamptz,
  made_at timestamptz not null,
  made_by text not null check (made_by in ('PERSON', 'HUB', 'C3')),
  outcome text not null check (outcome in ('OPEN', 'SUPERSEDED', 'WON', 'LOST', 'EXPIRED', 'WITHDRAWN')),
  decided_at timestamptz,
  -- Why it was lost, where somebody has said.
  reason text,
  primary key (org_id, rfq_id, revision),
  foreign key (org_id, rfq_id) references inventory.rfqs on delete cascade
);
create index quotes_due on inventory.quotes (org_id, valid_until) where outcome = 'OPEN' and valid_until is not null;
alter table inventory.quotes enable row level security;
alter table inventory.quotes force row level security;
create policy tenant on inventory.quotes to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on inventory.quotes to :app;

alter table inventory.rfqs
  -- When the hub met it; null: before anybody noted that. What was over by then nobody lets expire.
  add column known_at timestamptz,
  -- The date by which it has expired here: it does so once for each.
  add column expired_for timestamptz;
create index rfqs_due on inventory.rfqs (org_id, connection_id, due_at) where status = 'OPEN' and deleted_at is null;

-- Lists of requests by where they stand, and by how their number begins.
create index rfqs_by_status on inventory.rfqs (org_id, status, created_at desc, id) where deleted_at is null;
create index rfqs_by_number on inventory.rfqs (org_id, rfq_number text_pattern_ops) where deleted_at is null;
