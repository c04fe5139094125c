-- insights: facts about accounts, who they belong to, and the health computed from them
create table insights.customers (
  org_id uuid not null,
  customer_id text not null,
  identity_version integer not null,
  merged_into text,
  -- Set while facts or accounts have changed and the score has yet to follow.
  dirty_since timestamptz,
  -- The next moment at which time alone moves the score.
  due_at timestamptz,
  primary key (org_id, customer_id)
);
create index customers_dirty on insights.customers (org_id, dirty_since) where dirty_since is not null;
create index customers_due on insights.customers (org_id, due_at) where due_at is not null;

create table insights.accounts (
  org_id uuid not null,
  system text not null check (system in ('HUBSPOT', 'C3', 'WARP')),
  account_id text not null,
  -- Null until customers has said whose account it is: facts may arrive first.
  customer_id text,
  primary key (org_id, system, account_id)
);
create index accounts_by_customer on insights.accounts (org_id, customer_id);

create table insights.signals (
  org_id uuid not null,
  system text not null check (system in ('HUBSPOT', 'C3', 'WARP')),
  account_id text not null,
  kind text not null,
  record_id text not null,
  amount numeric,
  unit text,
  label text,
  happened_at timestamptz,
  ended_at timestamptz,
  observed_at timestamptz not null,
  source text not null,
  source_pos bigint not null,
  primary key (org_id, system, account_id, kind, record_id)
);
-- A record may move to another account; its old fact is found by the record.
create index signals_by_record on insights.signals (org_id, kind, record_id);

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
  -- Worst first, without a score last: one column that an index can walk.
  rank numeric(6, 2) not null generated always as (coalesce(score, 999)) stored,
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
