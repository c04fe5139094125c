-- service: from where a change was asked for; every audit row is told, and none is changed

alter table service.audit_log
  -- The door the request came in by; null for what nobody asked for over a door.
  add column door text,
  -- W3C Trace Context: the trace that the request belongs to.
  add column trace_id text,
  -- As the caller named the request; addresses, numbers and keys are cut out of it.
  add column idempotency_key text;

-- An audit row as the event that tells of it.
create function service.audit_payload(entry service.audit_log) returns jsonb
language sql immutable set search_path = pg_catalog as $$
  select jsonb_build_object(
    'auditId', entry.id::text,
    'at', to_char(entry.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'actorKind', entry.who_kind,
    'actorId', entry.who_id,
    'action', entry.action,
    'subjectType', entry.subject_type,
    'subjectId', entry.subject_id,
    'diff', entry.diff,
    'door', entry.door,
    'traceId', entry.trace_id,
    'idempotencyKey', entry.idempotency_key)
$$;

-- Told by the table itself: no way of writing an audit row leaves it untold. A batch of the outbox holds 200 events at most.
-- The argument is the name of the subgraph whose database this is.
create function service.tell_audit() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
  with told as (
    select row(w.*)::service.audit_log as entry, row_number() over (order by w.id) - 1 as n from written w
  ), batches as (
    insert into events.outbox (org_id, size)
    select (entry).org_id, count(*) from told group by (entry).org_id, n / 200 order by n / 200 returning id
  ), numbered as (
    select id, row_number() over (order by id) - 1 as part from batches
  )
  insert into events.recorded (batch, place, org_id, key, name, version, payload, occurred_at)
  select numbered.id, told.n % 200 + 1, (entry).org_id, (entry).id::text, tg_argv[0] || '.audit.written', 1,
    service.audit_payload(entry), (entry).at
  from told join numbered on numbered.part = told.n / 200
  order by told.n;
  return null;
end $$;

-- Nobody changes an audit row, whatever the role; whoever forgets them says first how old they have to be.
create function service.keep_audit() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
  if tg_op = 'DELETE' and old.at < nullif(current_setting('hub.audit_before', true), '')::timestamptz then
    return old;
  end if;
  raise exception 'the audit is only ever added to' using errcode = '42501';
end $$;
create trigger kept before update or delete on service.audit_log
  for each row execute function service.keep_audit();

create policy forgetting on service.audit_log for delete to :relay
  using (at < nullif(current_setting('hub.audit_before', true), '')::timestamptz);
grant delete on service.audit_log to :relay;
