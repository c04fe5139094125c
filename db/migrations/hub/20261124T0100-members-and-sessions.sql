-- hub: members that the organisation itself decides on, how people are found before any organisation is known, and the sessions of browsers
alter table hub.members
  -- Was never filled; addresses are kept sealed.
  drop column email,
  -- The provider's subject. Null while nobody has joined by an invitation.
  add column person_id text,
  -- VOUCHED: the provider alone says what the person may do, and `roles` is its last word.
  add column state text not null default 'VOUCHED' check (state in ('VOUCHED', 'INVITED', 'ACTIVE', 'REMOVED')),
  add column sealed_email text,
  add column invited_by_kind text,
  add column invited_by_id text,
  add column invited_at timestamptz,
  -- Until when somebody may join by the invitation
  add column invited_until timestamptz check ((invited_until is not null) = (state = 'INVITED')),
  add column joined_at timestamptz,
  add column removed_at timestamptz check ((removed_at is not null) = (state = 'REMOVED')),
  add column version integer not null default 1;

-- Until now people were known by their subject alone.
alter table hub.members no force row level security;
update hub.members set person_id = id;
alter table hub.members force row level security;

create unique index members_by_person on hub.members (org_id, person_id);
create index members_by_name on hub.members (org_id, name, id);
grant delete on hub.members to :app;

-- Routing: to which organisations somebody belongs or is invited, by a mark of their subject or address, asked before any organisation is
-- known. The marks are made with the hub's encryption key: they give no address away.
create table hub.member_routes (
  mark text not null,
  org_id uuid not null,
  member_id text not null,
  since timestamptz not null,
  primary key (mark, org_id),
  foreign key (org_id, member_id) references hub.members (org_id, id) on delete cascade
);
create index member_routes_of_member on hub.member_routes (org_id, member_id);
alter table hub.member_routes enable row level security;
alter table hub.member_routes force row level security;
create policy own_organisation on hub.member_routes to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy relay on hub.member_routes for select to :relay using (true);
grant select, insert, delete on hub.member_routes to :app;
grant select on hub.member_routes to :relay;

-- What a browser that is signed in holds the secret of.
create table hub.sessions (
  org_id uuid not null,
  id uuid not null,
  person_id text not null,
  -- The roles that the provider named when the person signed in. Null when it named none.
  vouched text[],
  started_at timestamptz not null,
  -- To the minute, so that a busy page is not a busy row
  used_at timestamptz not null,
  -- When it ends even though it is used
  ends_at timestamptz not null,
  ended_at timestamptz,
  primary key (org_id, id)
);
create index sessions_by_end on hub.sessions (org_id, ends_at);
alter table hub.sessions enable row level security;
alter table hub.sessions force row level security;
create policy own_organisation on hub.sessions to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on hub.sessions to :app;

-- Routing: which session of which organisation a secret is. It is 256 random bits, so its plain SHA-256 gives nothing away.
create table hub.session_routes (
  hash bytea primary key,
  org_id uuid not null,
  session_id uuid not null,
  foreign key (org_id, session_id) references hub.sessions (org_id, id) on delete cascade
);
create index session_routes_of_session on hub.session_routes (org_id, session_id);
alter table hub.session_routes enable row level security;
alter table hub.session_routes force row level security;
create policy own_organisation on hub.session_routes to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
create policy relay on hub.session_routes for select to :relay using (true);
grant select, insert on hub.session_routes to :app;
grant select on hub.session_routes to :relay;
