-- inventory: what the hub, or somebody through it, recommends, with how it was found, what was decided on it and what came of it
create table inventory.recommendations (
  org_id uuid not null,
  id uuid not null,
  -- Where it may be written.
  connection_id uuid not null,
  kind text not null check (kind in ('PRICING', 'ALTERNATIVE', 'STOCK_LEVEL', 'SUPPLY_RISK')),
  -- What it is about, in one text: of each there is one that counts.
  subject text not null,
  is_latest boolean not null default true,
  method text not null,
  method_version integer not null,
  -- Of what it was made from: made from the same again, it is the same.
  fingerprint text not null,
  -- Who gave it, where it was not found by a method.
  given_by text,
  rfq_id uuid,
  c3_rfq_id varchar(50),
  line integer,
  component_id uuid,
  part_number text,
  manufacturer text,
  alternative_id uuid,
  alternative_part_number text,
  alternative_manufacturer text,
  c3_supplier_id varchar(50),
  risk text check (risk in ('SHORTAGE', 'SINGLE_SOURCE', 'END_OF_LIFE', 'LATE_SUPPLIER')),
  severity text check (severity in ('LOW', 'MEDIUM', 'HIGH')),
  -- A price, or what is saved per piece.
  amount numeric(18, 4),
  low numeric(18, 4),
  high numeric(18, 4),
  currency text check (currency ~ '^[A-Z]{3}$'),
  reorder_point integer check (reorder_point >= 0),
  order_quantity integer check (order_quantity >= 0),
  service_level numeric(4, 3) check (service_level between 0 and 1),
  confidence integer not null check (confidence between 0 and 100),
  reasoning text not null,
  -- Every number that went into it: what, how much, and what that says.
  evidence jsonb not null,
  state text not null default 'PROPOSED' check (state in ('PROPOSED', 'ACCEPTED', 'REJECTED', 'SUPERSEDED', 'EXPIRED')),
  decided_by text,
  decided_because text,
  decided_at timestamptz,
  outcome text check (outcome in ('QUOTED', 'WON', 'LOST', 'EXPIRED', 'ORDERED', 'NOT_TAKEN')),
  outcome_price numeric(18, 4),
  outcome_currency text,
  outcome_quantity integer,
  outcome_at timestamptz,
  push_state text check (push_state in ('WAITING', 'SENDING', 'SENT', 'REFUSED')),
  push_problem text,
  pushed_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (org_id, id),
  foreign key (org_id, connection_id) references inventory.integrations,
  check ((amount is null and low is null and high is null) or currency is not null)
);
create unique index recommendations_that_count on inventory.recommendations (org_id, subject) where is_latest;
create index recommendations_of_rfq on inventory.recommendations (org_id, rfq_id, id desc) where rfq_id is not null;
create index recommendations_of_component on inventory.recommendations (org_id, component_id, id desc) where component_id is not null;
create index recommendations_of_supplier on inventory.recommendations (org_id, c3_supplier_id, id desc) where c3_supplier_id is not null;
create index recommendations_by_state on inventory.recommendations (org_id, state, id desc);

-- What something was learnt about since it was last advised on. Noted again while it is being advised on, it stays.
create table inventory.advice_due (
  org_id uuid not null,
  kind text not null check (kind in ('COMPONENT', 'RFQ', 'SUPPLIER')),
  id uuid not null,
  noted bigint not null default 1,
  primary key (org_id, kind, id)
);

create index transactions_of_rfq on inventory.transactions (org_id, rfq_id) where rfq_id is not null;

do $$
declare t text;
begin
  foreach t in array array['recommendations', 'advice_due'] loop
    execute format('alter table inventory.%I enable row level security', t);
    execute format('alter table inventory.%I force row level security', t);
    execute format(
      'create policy tenant on inventory.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
    execute format('grant select, insert, update, delete on inventory.%I to :app', t);
  end loop;
end $$;
-- The advising loop has to learn which organisations have work: of that, relay sees whose it is and nothing else.
create policy routing on inventory.advice_due for select to :relay using (true);
grant select (org_id) on inventory.advice_due to :relay;
