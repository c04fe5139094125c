-- inventory: how many of a part to order then, and which recommendation said so; and what stood there before one was accepted
alter table inventory.stock_levels
  add column order_quantity integer check (order_quantity >= 0),
  -- Null: a person has set it.
  add column recommendation_id uuid;

create table inventory.accepted_levels (
  org_id uuid not null,
  recommendation_id uuid not null,
  component_id uuid not null,
  -- What stood there before: null where nobody had said anything.
  former_reorder_point integer check (former_reorder_point >= 0),
  former_order_quantity integer check (former_order_quantity >= 0),
  former_recommendation_id uuid,
  primary key (org_id, recommendation_id),
  foreign key (org_id, recommendation_id) references inventory.recommendations,
  foreign key (org_id, component_id) references inventory.components
);
create index accepted_levels_after on inventory.accepted_levels (org_id, former_recommendation_id) where former_recommendation_id is not null;
alter table inventory.accepted_levels enable row level security;
alter table inventory.accepted_levels force row level security;
create policy tenant on inventory.accepted_levels to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on inventory.accepted_levels to :app;
