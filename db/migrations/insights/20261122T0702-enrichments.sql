-- insights: what is written about customers in a few sentences, whose turn it is, and what asking others for it costs
create table insights.enrichments (
  org_id uuid not null,
  customer_id text not null,
  -- The sentences with what each rests on, what others knew, and who refused: kept as it was written.
  document json not null,
  -- Of everything that it was written from: while it is the same, nobody is asked again.
  input_hash text not null,
  made_at timestamptz not null,
  checked_at timestamptz not null,
  primary key (org_id, customer_id)
);

create table insights.enrichment_queue (
  org_id uuid not null,
  customer_id text not null,
  state text not null check (state in ('WAITING', 'RUNNING', 'RESTING', 'FAILED')),
  -- 1 to 10; those that somebody asked for are above the others of their priority.
  priority smallint not null check (priority between 1 and 10),
  is_asked boolean not null,
  -- Who may be asked; null: whoever the organisation lets be asked.
  providers text[],
  wanted_at timestamptz not null,
  -- When its turn comes: now, after a wait, when whoever took it must have died, or when what is known is old.
  due_at timestamptz,
  -- Which taking holds it: whoever comes back later than its time finds another one here.
  taken_by uuid,
  attempts smallint not null,
  -- Those whose call is paid for and whose answer is not yet kept: not paid for again.
  paid text[] not null default '{}',
  -- News came while it was being written about.
  is_again boolean not null default false,
  code text,
  finished_at timestamptz,
  primary key (org_id, customer_id)
);
create index enrichment_queue_by_turn on insights.enrichment_queue (org_id, is_asked desc, priority desc, wanted_at, customer_id)
  where state = 'WAITING';
create index enrichment_queue_by_time on insights.enrichment_queue (org_id, due_at) where due_at is not null;
create index enrichment_queue_finished on insights.enrichment_queue (org_id, finished_at) where finished_at is not null;
create index enrichment_queue_failed on insights.enrichment_queue (org_id, finished_at desc, customer_id) where state = 'FAILED';

create table insights.enrichment_days (
  org_id uuid not null,
  -- In UTC.
  day date not null,
  provider text not null check (provider in ('RESEARCH', 'MODEL')),
  -- Written before the call is made: what may have cost something is counted.
  calls integer not null,
  cost numeric(16, 6) not null,
  answered integer not null default 0,
  -- Texts that said something which the facts do not say; the hub's own words were used instead.
  ungrounded integer not null default 0,
  failed integer not null default 0,
  primary key (org_id, day, provider)
);

create table insights.enrichment_cache (
  org_id uuid not null,
  provider text not null check (provider in ('RESEARCH', 'MODEL')),
  input_hash text not null,
  answer json not null,
  made_at timestamptz not null,
  primary key (org_id, provider, input_hash)
);
create index enrichment_cache_by_age on insights.enrichment_cache (org_id, made_at);

do $$
declare t text;
begin
  foreach t in array array['enrichments', 'enrichment_queue', 'enrichment_days', 'enrichment_cache'] loop
    execute format('alter table insights.%I enable row level security', t);
    execute format('alter table insights.%I force row level security', t);
    execute format(
      'create policy tenant on insights.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
    execute format('grant select, insert, update, delete on insights.%I to :app', t);
  end loop;
end $$;

-- The loop has to learn which organisations have somebody to write about: relay sees that, and not about whom.
create policy routing on insights.enrichment_queue for select to :relay using (true);
grant select (org_id, due_at) on insights.enrichment_queue to :relay;
