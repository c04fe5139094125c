-- sync: what is known of a field that both sides changed: our clock too, what would have been done, and how it ended
alter table sync.decisions
  -- Goes up whenever either side moves on while it is open, and when it ends.
  add column version integer not null default 1,
  add column ours_at timestamptz,
  -- What the owner of the field would have had, where nobody may decide but a person.
  add column would text check (would in ('theirs', 'ours', 'merged')),
  -- When either side last moved on while it was open.
  add column moved_at timestamptz,
  add column closed_at timestamptz,
  add column settled_by text not null default 'POLICY' check (settled_by in ('POLICY', 'PERSON', 'AGREEMENT')),
  -- What a person chose, as the others: {value}.
  add column chosen jsonb;
alter table sync.decisions drop constraint decisions_outcome_check;
-- agreed: both sides came to say the same · gone: the record went, and the question with it · value: a person said a third thing
alter table sync.decisions add constraint decisions_outcome_check
  check (outcome in ('theirs', 'ours', 'merged', 'open', 'agreed', 'gone', 'value')) not valid;
alter table sync.decisions validate constraint decisions_outcome_check;

create index decisions_listed on sync.decisions (org_id, decided_at desc, id desc);
create index decisions_of_connection on sync.decisions (org_id, connection_id, decided_at desc, id desc);
create index decisions_open on sync.decisions (org_id, decided_at desc, id desc) where outcome = 'open';
-- Not by organisation first, as with links.
create index decisions_open_of_record on sync.decisions (local_id) where outcome = 'open';
