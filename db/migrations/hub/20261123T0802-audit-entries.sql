-- hub: every change of every subgraph, in one list
create table hub.audit_entries (
  org_id uuid not null,
  -- The subgraph, a colon, and the row's number there.
  id text collate "C" not null,
  part text not null,
  at timestamptz not null,
  actor_kind text not null,
  actor_id text not null,
  action text not null,
  subject_type text not null,
  subject_id text not null,
  -- {field: [before, after]}; personal values were masked before they were told.
  diff jsonb not null,
  door text,
  trace_id text,
  idempotency_key text,
  primary key (org_id, id)
);
create index audit_entries_newest on hub.audit_entries (org_id, at desc, id desc);
create index audit_entries_actor on hub.audit_entries (org_id, actor_id, at desc, id desc);
create index audit_entries_action on hub.audit_entries (org_id, action, at desc, id desc);
create index audit_entries_subject on hub.audit_entries (org_id, subject_type, subject_id, at desc, id desc);
create index audit_entries_part on hub.audit_entries (org_id, part, at desc, id desc);
alter table hub.audit_entries enable row level security;
alter table hub.audit_entries force row level security;
create policy tenant on hub.audit_entries to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert on hub.audit_entries to :app;

create trigger kept before update or delete on hub.audit_entries
  for each row execute function service.keep_audit();
create policy forgetting on hub.audit_entries for delete to :relay
  using (at < nullif(current_setting('hub.audit_before', true), '')::timestamptz);
grant delete on hub.audit_entries to :relay;
