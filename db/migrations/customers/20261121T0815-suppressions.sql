-- customers: persons who were erased and must not come back, known by hashes only
create table customers.suppression_keys (
  org_id uuid primary key,
  -- What identifiers are hashed with, sealed for this organisation; never plain. Without it the hashes say nothing.
  key_sealed text not null,
  created_at timestamptz not null
);

create table customers.suppressions (
  org_id uuid not null,
  -- HMAC-SHA-256 over kind and normalised value: nobody can be read from it, somebody known can be recognised.
  hash text not null,
  kind text not null check (kind in ('email', 'phone', 'record')),
  -- The act that wrote it: lifting one identifier of a person lifts all that were written with it.
  erasure_id uuid not null,
  at timestamptz not null,
  primary key (org_id, hash, erasure_id)
);
create index suppressions_by_erasure on customers.suppressions (erasure_id);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['suppression_keys', 'suppressions'] loop
    execute format('alter table customers.%I enable row level security', tenant_table);
    execute format('alter table customers.%I force row level security', tenant_table);
    execute format('create policy tenant on customers.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', tenant_table);
    execute format('grant select, insert, update, delete on customers.%I to :app', tenant_table);
  end loop;
end
$$;

-- Which of the hashes are suppressed, once no erasure is under way; until the caller's transaction ends none can begin.
-- One call, and yet two statements in order: the second sees what was committed while the first waited.
create function customers.suppressed(wanted text[]) returns table (hash text, erasure_id uuid)
language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('customers.erasure ' || current_setting('hub.org_id'), 0));
  return query select distinct on (s.hash) s.hash, s.erasure_id from customers.suppressions s
    where s.org_id = nullif(current_setting('hub.org_id', true), '')::uuid and s.hash = any(wanted)
    order by s.hash, s.erasure_id;
end
$$;
revoke all on function customers.suppressed from public;
grant execute on function customers.suppressed to :app;
