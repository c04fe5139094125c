-- hub: what people say to the hub, so that a later sentence can refer to an earlier one. What was said is personal: it is sealed.
create table hub.conversations (
  org_id uuid not null,
  id uuid not null,
  -- Whose it is, as the gateway vouches for callers
  owner_kind text not null,
  owner_id text not null,
  started_at timestamptz not null,
  -- Whole milliseconds: what a cursor can carry
  last_used_at timestamptz not null,
  turns integer not null,
  primary key (org_id, id)
);
create index conversations_of_owner on hub.conversations (org_id, owner_kind, owner_id, last_used_at desc, id desc);
create index conversations_unused on hub.conversations (org_id, last_used_at);
alter table hub.conversations enable row level security;
alter table hub.conversations force row level security;
create policy own_organisation on hub.conversations to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on hub.conversations to :app;

create table hub.conversation_turns (
  org_id uuid not null,
  conversation_id uuid not null,
  number integer not null,
  at timestamptz not null,
  -- What was said and answered, as JSON, sealed for this turn of this organisation
  sealed text not null,
  primary key (org_id, conversation_id, number),
  foreign key (org_id, conversation_id) references hub.conversations (org_id, id) on delete cascade
);
alter table hub.conversation_turns enable row level security;
alter table hub.conversation_turns force row level security;
create policy own_organisation on hub.conversation_turns to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, delete on hub.conversation_turns to :app;
