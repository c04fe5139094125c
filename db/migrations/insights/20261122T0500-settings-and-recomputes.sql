-- insights: how an organisation judges its customers, version by version, and the last time it had all of them judged anew
create table insights.settings (
  org_id uuid not null,
  version integer not null check (version > 1),
  -- What the organisation says itself, part by part; the rest is as the hub has it.
  document jsonb not null,
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (org_id, version)
);

create table insights.recomputes (
  org_id uuid primary key,
  -- Whoever waits since then waits for this: it is the time their scores were made due at.
  requested_at timestamptz not null,
  reason text not null check (reason in ('ASKED', 'SETTINGS')),
  total integer not null
);

do $$
declare t text;
begin
  foreach t in array array['settings', 'recomputes'] loop
    execute format('alter table insights.%I enable row level security', t);
    execute format('alter table insights.%I force row level security', t);
    execute format(
      'create policy tenant on insights.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
    execute format('grant select, insert, update, delete on insights.%I to :app', t);
  end loop;
end $$;
