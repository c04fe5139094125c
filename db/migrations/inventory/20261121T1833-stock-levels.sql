-- inventory: below which stock of a part somebody wants to know, and whether that has been told
create table inventory.stock_levels (
  org_id uuid not null,
  component_id uuid not null,
  -- Told when so many or fewer are free.
  reorder_point integer not null check (reorder_point >= 0),
  -- Only when so many are free again it is told anew: a number that goes up and down by a few is told once.
  clears_at integer not null check (clears_at > reorder_point),
  is_low boolean not null,
  set_at timestamptz not null,
  primary key (org_id, component_id),
  foreign key (org_id, component_id) references inventory.components
);
alter table inventory.stock_levels enable row level security;
alter table inventory.stock_levels force row level security;
create policy tenant on inventory.stock_levels to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on inventory.stock_levels to :app;

alter table inventory.inventory
  -- Since when more are reserved than lie there.
  add column oversold_since timestamptz;
create index inventory_oversold on inventory.inventory (org_id, part_number text_pattern_ops, id)
  where oversold_since is not null and deleted_at is null;
create index stock_levels_low on inventory.stock_levels (org_id, component_id) where is_low;
