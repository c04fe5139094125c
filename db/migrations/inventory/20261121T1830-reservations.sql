-- inventory: stock that is held for requests, also before C3 knows of it; and what has happened to a request
alter table inventory.inventory
  -- Held here and not counted by C3 yet. What C3 counts is quantity_reserved.
  add column quantity_promised integer not null default 0 check (quantity_promised >= 0);

-- Rises with every change that somebody can see.
alter table inventory.rfqs add column version integer not null default 1;

-- What is held of a stock row for a request: as it is to be, and as C3 is known to have it.
create table inventory.reservations (
  org_id uuid not null,
  rfq_id uuid not null,
  c3_stock_id varchar(50) not null,
  -- The id that the stock row has, or will have.
  stock_id uuid not null,
  quantity integer not null check (quantity >= 0),
  c3_quantity integer not null check (c3_quantity >= 0),
  primary key (org_id, rfq_id, c3_stock_id),
  foreign key (org_id, rfq_id) references inventory.rfqs on delete cascade
);
create index reservations_of_stock on inventory.reservations (org_id, stock_id);

create table inventory.rfq_history (
  org_id uuid not null,
  -- Made of the caller's key where there is one: what is asked for twice happens once.
  id uuid not null,
  rfq_id uuid not null,
  at timestamptz not null,
  kind text not null,
  -- PERSON, HUB or C3; the audit says who it was.
  by text not null check (by in ('PERSON', 'HUB', 'C3')),
  -- Ids, numbers and codes.
  details jsonb not null,
  primary key (org_id, id)
);
create index rfq_history_newest on inventory.rfq_history (org_id, rfq_id, at desc, id desc);

do $$
declare t text;
begin
  foreach t in array array['reservations', 'rfq_history'] loop
    execute format('alter table inventory.%I enable row level security', t);
    execute format('alter table inventory.%I force row level security', t);
    execute format(
      'create policy tenant on inventory.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
    execute format('grant select, insert, update, delete on inventory.%I to :app', t);
  end loop;
end $$;
