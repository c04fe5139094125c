-- service: who changed what, written in the transaction of the change
create table service.audit_log (
  id bigint generated always as identity primary key,
  org_id uuid not null,
  at timestamptz not null,
  -- user, key or system, and which one
  who_kind text not null,
  who_id text not null,
  action text not null,
  -- A GraphQL type and the id of one of its kind
  subject_type text not null,
  subject_id text not null,
  -- {field: [before, after]} of what differs; personal values are masked before they get here
  diff jsonb not null
);
create index audit_log_newest on service.audit_log (org_id, at desc, id desc);
create index audit_log_subject on service.audit_log (org_id, subject_type, subject_id, at desc, id desc);
alter table service.audit_log enable row level security;
alter table service.audit_log force row level security;
create policy own_organisation on service.audit_log to :app
  using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
-- Written and read, never changed.
grant select, insert on service.audit_log to :app;
