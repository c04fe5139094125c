-- hub: what changed across all records, partners' webhooks, what they are told, and what became of that

-- The place of each organisation's newest change or message. Counted under the row's lock, so that places are given out in the order of
-- commits and nobody who has read up to one has missed an earlier one.
create table hub.outward_heads (
  org_id uuid primary key,
  place bigint not null,
  -- Changes at this place and before may have been forgotten.
  forgotten bigint not null default 0
);

-- Each record once, at the place of its newest change; gone ones are kept as long as others.
create table hub.changes (
  org_id uuid not null,
  type text not null,
  id text not null,
  place bigint not null,
  is_deleted boolean not null,
  at timestamptz not null,
  -- When hub heard of it: it is kept for a while from then on.
  noted_at timestamptz not null,
  -- What is compared with the next time it is told of, such as a run's state.
  mark text,
  primary key (org_id, type, id)
);
create unique index changes_in_order on hub.changes (org_id, place);
create index changes_by_time on hub.changes (org_id, noted_at);

create table hub.partner_webhooks (
  org_id uuid not null,
  id uuid not null,
  name text not null,
  url text not null,
  events text[] not null check (cardinality(events) > 0),
  state text not null check (state in ('ACTIVE', 'PAUSED', 'DISABLED')),
  reason text,
  -- Sealed.
  secret text not null,
  former_secret text,
  former_until timestamptz,
  version integer not null default 1,
  created_by text not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  -- When something is to be sent next; null: nothing waits.
  due_at timestamptz,
  -- Failures in a row that are the address's own, and since when.
  failures integer not null default 0,
  failing_since timestamptz,
  last_delivered_at timestamptz,
  -- Who sends to it now, and until when that counts.
  lease uuid,
  leased_until timestamptz,
  primary key (org_id, id)
);
create index partner_webhooks_due on hub.partner_webhooks (due_at) where state = 'ACTIVE' and due_at is not null;

-- What happened, as partners are told of it: written only while somebody wants it.
create table hub.partner_messages (
  org_id uuid not null,
  place bigint not null,
  -- <part>:<place in its log>, the same however often it is read.
  id text not null,
  event text not null,
  -- Messages of one key are sent in their order.
  key text not null,
  at timestamptz not null,
  noted_at timestamptz not null,
  data jsonb not null,
  primary key (org_id, place),
  unique (org_id, id)
);
create index partner_messages_by_time on hub.partner_messages (org_id, noted_at);

create table hub.partner_deliveries (
  org_id uuid not null,
  webhook_id uuid not null,
  place bigint not null,
  event text not null,
  key text not null,
  at timestamptz not null,
  state text not null check (state in ('WAITING', 'DELIVERED', 'FAILED')),
  -- Null once it no longer waits.
  due_at timestamptz,
  tries integer not null default 0,
  primary key (org_id, webhook_id, place),
  foreign key (org_id, webhook_id) references hub.partner_webhooks on delete cascade,
  foreign key (org_id, place) references hub.partner_messages on delete cascade
);
create index partner_deliveries_waiting on hub.partner_deliveries (org_id, webhook_id, place) include (key, due_at) where state = 'WAITING';
create index partner_deliveries_later on hub.partner_deliveries (org_id, webhook_id, due_at) where state = 'WAITING';
create index partner_deliveries_newest on hub.partner_deliveries (org_id, webhook_id, at desc, place desc);
create index partner_deliveries_of_message on hub.partner_deliveries (org_id, place);

create table hub.partner_delivery_tries (
  org_id uuid not null,
  webhook_id uuid not null,
  place bigint not null,
  at timestamptz not null,
  number integer not null,
  status integer,
  ms integer not null,
  answer text,
  error text,
  primary key (org_id, webhook_id, place, at, number),
  foreign key (org_id, webhook_id, place) references hub.partner_deliveries on delete cascade
);

do $$
declare t text;
begin
  foreach t in array array['outward_heads', 'changes', 'partner_webhooks', 'partner_messages', 'partner_deliveries', 'partner_delivery_tries'] loop
    execute format('alter table hub.%I enable row level security', t);
    execute format('alter table hub.%I force row level security', t);
    execute format(
      'create policy tenant on hub.%I to :app
        using (org_id = (select nullif(current_setting(''hub.org_id'', true), '''')::uuid))
        with check (org_id = (select nullif(current_setting(''hub.org_id'', true), '''')::uuid))', t);
    execute format('grant select, insert, update, delete on hub.%I to :app', t);
  end loop;
end $$;

-- Which webhooks have something to be sent, and which organisations have something to forget: workers have to learn it.
create policy relay on hub.partner_webhooks for select to :relay using (true);
grant select (org_id, id, state, due_at, leased_until) on hub.partner_webhooks to :relay;
create policy relay on hub.outward_heads for select to :relay using (true);
grant select (org_id) on hub.outward_heads to :relay;
