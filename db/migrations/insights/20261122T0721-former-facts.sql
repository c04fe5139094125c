-- insights: what facts and accounts were before they changed, and until when, so that it can be said what moved a score
-- What was taken before this was kept counts as known all along.
alter table insights.signals add column taken_at timestamptz not null default '1970-01-01Z';
alter table insights.accounts add column taken_at timestamptz not null default '1970-01-01Z';

create table insights.former_signals (
  org_id uuid not null,
  account_system text not null,
  account_id text not null,
  system text not null,
  kind text not null,
  record_id text not null,
  amount numeric,
  unit text,
  label text,
  happened_at timestamptz,
  ended_at timestamptz,
  observed_at timestamptz not null,
  details json,
  -- It was known from then on, and no longer at `until`.
  taken_at timestamptz not null,
  until timestamptz not null check (until > taken_at),
  primary key (org_id, account_system, account_id, until, system, kind, record_id)
);

create table insights.former_accounts (
  org_id uuid not null,
  customer_id text not null,
  system text not null,
  account_id text not null,
  taken_at timestamptz not null,
  until timestamptz not null check (until > taken_at),
  primary key (org_id, customer_id, until, system, account_id)
);

do $$
declare t text;
begin
  foreach t in array array['former_signals', 'former_accounts'] loop
    execute format('alter table insights.%I enable row level security', t);
    execute format('alter table insights.%I force row level security', t);
    execute format(
      'create policy tenant on insights.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
    execute format('grant select, insert, update, delete on insights.%I to :app', t);
  end loop;
end $$;
-- Of somebody who is erased, wherever the record was.
create index former_signals_by_record on insights.former_signals (org_id, system, kind, record_id);
