-- insights: facts about accounts, who they belong to, and the health computed from them
create table insights.customers (
  org_id uuid not null,
  customer_id text not null,
  -- How far we know who this customer is; an older word about it changes nothing.
  identity_version integer not null,
  merged_into text,
  -- Set while facts or accounts have changed and the score has yet to follow.
  dirty_since timestamptz,
  -- The next moment at which time alone moves the score.
  due_at timestamptz,
  primary key (org_id, customer_id)
);
create index customers_dirty on insights.customers (org_id, dirty_since) where dirty_since is not null;
create index customers_due on insights.customers (org_id, due_at) where dirty_since is null and due_at is not null;

-- The accounts each customer lists. While an account moves, two customers may list it: the one that gives it up and the
-- one that takes it speak in either order, and the outcome has to be the same.
create table insights.accounts (
  org_id uuid not null,
  customer_id text not null,
  system text not null check (system in ('HUBSPOT', 'C3', 'WARP')),
  account_id text not null,
  primary key (org_id, customer_id, system, account_id)
);
create index accounts_by_account on insights.accounts (org_id, system, account_id);

create table insights.signals (
  org_id uuid not null,
  system text not null check (system in ('HUBSPOT', 'C3', 'WARP')),
  kind text not null,
  record_id text not null,
  -- Null when the fact was withdrawn: the row stays, so that an older word about the record cannot bring it back.
  account_id text,
  amount numeric,
  unit text,
  label text,
  happened_at timestamptz,
  ended_at timestamptz,
  observed_at timestamptz,
  source text not null,
  source_pos bigint not null,
  primary key (org_id, system, kind, record_id),
  check ((account_id is null) = (observed_at is null))
);
create index signals_by_account on insights.signals (org_id, system, account_id);

create table insights.health (
  org_id uuid not null,
  customer_id text not null,
  score numeric(5, 2) check (score between 0 and 100),
  confidence numeric(5, 2) not null check (confidence between 0 and 100),
  coverage numeric(5, 4) not null check (coverage between 0 and 1),
  dimensions jsonb not null,
  contributions jsonb not null,
  as_of timestamptz not null,
  identity_version integer not null,
  -- Worst first, without a score last: one column that an index can walk. A whole number, since under row level security
  -- no index serves comparisons of numeric.
  rank integer not null generated always as (coalesce((score * 100)::integer, 99900)) stored,
  primary key (org_id, customer_id)
);
create index health_by_rank on insights.health (org_id, rank, customer_id);

create table insights.health_history (
  org_id uuid not null,
  customer_id text not null,
  as_of timestamptz not null,
  score numeric(5, 2),
  confidence numeric(5, 2) not null,
  coverage numeric(5, 4) not null,
  dimensions jsonb not null,
  contributions jsonb not null,
  identity_version integer not null,
  primary key (org_id, customer_id, as_of)
);

do $$
declare t text;
begin
  foreach t in array array['customers', 'accounts', 'signals', 'health', 'health_history'] loop
    execute format('alter table insights.%I enable row level security', t);
    execute format('alter table insights.%I force row level security', t);
    execute format(
      'create policy tenant on insights.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
  end loop;
end $$;
grant select, insert, update, delete on all tables in schema insights to :app;

-- The scoring loop has to learn which organisations have work: relay sees these rows, and only these.
create policy routing on insights.customers for select to :relay using (true);
grant select on insights.customers to :relay;
