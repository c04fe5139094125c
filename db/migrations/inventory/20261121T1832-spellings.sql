-- inventory: which part a customer means by a part number, as a colleague has said
create table inventory.part_spellings (
  org_id uuid not null,
  account_id uuid not null,
  -- The number and the maker in letters and digits alone, as the customer writes them; no maker: empty.
  normal_number text not null,
  maker text not null,
  component_id uuid not null,
  -- What was said before: it holds again when the last word is taken back.
  former_component_id uuid,
  chosen_at timestamptz not null,
  primary key (org_id, account_id, normal_number, maker)
);
alter table inventory.part_spellings enable row level security;
alter table inventory.part_spellings force row level security;
create policy tenant on inventory.part_spellings to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on inventory.part_spellings to :app;
