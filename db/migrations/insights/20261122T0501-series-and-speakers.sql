-- insights: what is told day by day is kept by the month, and a fact may be about another system's account than its speaker's
alter table insights.signals add column account_system text;
-- A rewrite of the column, since no organisation is set while migrations run, and an update would see no row.
alter table insights.signals alter column account_system type text using case when account_id is not null then system end;
alter table insights.signals
  drop constraint signals_system_check,
  add check (account_system in ('HUBSPOT', 'C3', 'WARP')),
  add check ((account_system is null) = (account_id is null));
drop index insights.signals_by_account;
create index signals_by_account on insights.signals (org_id, account_system, account_id);

create table insights.series (
  org_id uuid not null,
  -- Of whom it is told, what, and by whom.
  account_system text not null check (account_system in ('HUBSPOT', 'C3', 'WARP')),
  account_id text not null,
  kind text not null,
  system text not null,
  month date not null check (extract(day from month) = 1),
  unit text not null,
  -- By day of the month: what was told last, null where nothing was, and where in the source's log it was told.
  amounts double precision[] not null check (cardinality(amounts) = 31),
  positions bigint[] not null check (cardinality(positions) = 31),
  observed_at timestamptz not null,
  source text not null,
  primary key (org_id, account_system, account_id, kind, system, month)
);

-- Days that were kept as facts of their own.
alter table insights.signals no force row level security;
insert into insights.series
  (org_id, account_system, account_id, kind, system, month, unit, amounts, positions, observed_at, source)
select m.org_id, m.system, m.account_id, m.kind, m.system, m.month, d.unit, d.amounts, d.positions, d.observed_at, d.source
from (
  select distinct org_id, system, account_id, kind, date_trunc('month', happened_at at time zone 'UTC')::date as month
  from insights.signals
  where kind in ('usage-minutes', 'answer-ratio', 'call-length') and account_id is not null
) m
cross join lateral (
  select array_agg(s.amount::double precision order by n) as amounts, array_agg(s.source_pos order by n) as positions,
    min(s.unit) as unit, max(s.observed_at) as observed_at, min(s.source) as source
  from generate_series(1, 31) n
  left join insights.signals s on s.org_id = m.org_id and s.account_system = m.system and s.account_id = m.account_id
    and s.kind = m.kind and (s.happened_at at time zone 'UTC')::date = m.month + (n - 1)
    and date_trunc('month', s.happened_at at time zone 'UTC')::date = m.month
) d;
delete from insights.signals where kind in ('usage-minutes', 'answer-ratio', 'call-length');
alter table insights.signals force row level security;

alter table insights.series enable row level security;
alter table insights.series force row level security;
create policy tenant on insights.series to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on insights.series to :app;
