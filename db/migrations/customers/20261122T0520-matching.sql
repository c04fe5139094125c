-- customers: which accounts are probably the same customer, and what that was concluded from
alter table customers.identities
  -- What the matcher compares beside name and domain. Telephone numbers as keyed marks, never plain.
  add column phones text[] not null default '{}',
  add column place text,
  add column country text,
  -- Words of the name, as they are compared; those that are counted.
  add column tokens text[] not null default '{}',
  -- What accounts are looked for by: the name without the words that many names have.
  add column name_core text not null default '',
  -- A company's billing account, as HubSpot says it.
  add column ban text,
  -- Whom we only buy from: no account of a buyer is linked with it by itself.
  add column is_supplier boolean not null default false,
  -- Where it comes from: one portal, one C3, WARP. Two live accounts of one source are never one customer by themselves.
  add column source text not null default '';

alter table customers.identities no force row level security;
update customers.identities set source = system || coalesce(':' || integration_id, '');
alter table customers.identities drop constraint identities_linked_by_check;
update customers.identities set linked_by = 'MATCHED' where linked_by = 'DOMAIN';
alter table customers.identities force row level security;
alter table customers.identities add constraint identities_linked_by_check
  check (linked_by in ('OWN', 'MATCHED', 'OPENED_FOR', 'MANUAL'));

drop index customers.identities_by_domain;
create index identities_by_domain on customers.identities (match_domain) where match_domain is not null and gone_at is null;
create index identities_by_phone on customers.identities using gin (phones) where gone_at is null;
create index identities_by_own_customer on customers.identities (own_customer_id);
create index identities_by_ban on customers.identities (ban) where ban is not null and gone_at is null;
create index identities_by_token on customers.identities using gin (tokens) where gone_at is null;
create index identities_by_core on customers.identities using gin (name_core gin_trgm_ops) with (gin_pending_list_limit = 256) where gone_at is null;

-- Two accounts that may be the same customer: one row per pair, the smaller one first.
create table customers.identity_candidates (
  org_id uuid not null,
  id uuid not null,
  a_system text not null,
  a_account_id text not null,
  b_system text not null,
  b_account_id text not null,
  -- DUPLICATE: both are of one source, and nobody merges them but the people who keep that source.
  kind text not null check (kind in ('MATCH', 'DUPLICATE')),
  score numeric(5, 2) not null check (score between 0 and 100),
  verdict text not null check (verdict in ('LINK', 'ASK', 'APART')),
  waterfall jsonb not null,
  reasons text[] not null,
  model text not null,
  -- A hash of what both accounts said: a decision holds until that changes.
  facts text not null,
  state text not null default 'OPEN' check (state in ('OPEN', 'LINKED', 'REJECTED', 'GONE')),
  -- Who decided; null when the matcher did.
  decided_by text,
  decided_at timestamptz,
  reason text,
  found_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, a_system, a_account_id, b_system, b_account_id),
  check ((a_system, a_account_id) < (b_system, b_account_id))
);
create unique index identity_candidates_by_id on customers.identity_candidates (org_id, id);
create index identity_candidates_by_b on customers.identity_candidates (org_id, b_system, b_account_id);
create index identity_candidates_by_score on customers.identity_candidates (org_id, state, score desc, id);

-- Accounts that have changed and that nobody has judged since. LEARN: what they say has to be read first.
create table customers.identity_due (
  org_id uuid not null,
  system text not null,
  account_id text not null,
  step text not null default 'LEARN' check (step in ('LEARN', 'JUDGE')),
  marked_at timestamptz not null,
  primary key (org_id, system, account_id)
);
create index identity_due_by_step on customers.identity_due (org_id, step, marked_at);

-- How many accounts of a source have a word in their name; the empty word is in every name.
create table customers.identity_words (
  org_id uuid not null,
  token text not null,
  source text not null,
  count integer not null,
  primary key (org_id, token, source)
);

-- Everybody known is judged anew.
alter table customers.identities no force row level security;
insert into customers.identity_due (org_id, system, account_id, marked_at)
select org_id, system, account_id, created_at from customers.identities;
alter table customers.identities force row level security;

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['identity_candidates', 'identity_due', 'identity_words'] loop
    execute format('alter table customers.%I enable row level security', tenant_table);
    execute format('alter table customers.%I force row level security', tenant_table);
    execute format('create policy tenant on customers.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', tenant_table);
    execute format('grant select, insert, update, delete on customers.%I to :app', tenant_table);
  end loop;
end
$$;

-- The loop has to learn which organisations have accounts to judge: relay sees that there are some, and of whom.
create policy routing on customers.identity_due for select to :relay using (true);
grant select (org_id, marked_at) on customers.identity_due to :relay;

-- Row level security keeps trigrams and arrays from using an index, so looking is done by the owner, who sees accounts only for this.
create policy looking on customers.identities for select to :owner using (true);

-- Live accounts of the organisation in the setting that may be the same customer as those asked for, and why they came into question:
-- they share the web domain, a telephone number or a billing account, or their names are alike. At most `most` for each of these.
create function customers.accounts_near(asked_systems text[], asked_ids text[], most integer)
returns table (a_system text, a_account_id text, b_system text, b_account_id text)
language sql stable security definer set search_path = customers, public, pg_temp
set pg_trgm.similarity_threshold = 0.45 set enable_seqscan = off as $$
  select distinct me.system, me.account_id, near.system, near.account_id
  from unnest(asked_systems, asked_ids) as a(system, account_id)
  join customers.identities me on me.org_id = nullif(current_setting('hub.org_id', true), '')::uuid
    and me.system = a.system and me.account_id = a.account_id and me.gone_at is null
  cross join lateral (
    (select i.system, i.account_id from customers.identities i
     where i.match_domain = me.match_domain and i.gone_at is null and i.org_id = me.org_id
     order by i.system, i.account_id limit most)
    union all
    (select i.system, i.account_id from customers.identities i
     where i.phones && me.phones and i.gone_at is null and i.org_id = me.org_id
     order by i.system, i.account_id limit most)
    union all
    (select i.system, i.account_id from customers.identities i
     where i.name_core % me.name_core and i.gone_at is null and i.org_id = me.org_id
     order by similarity(i.name_core, me.name_core) desc, i.system, i.account_id limit most)
    union all
    (select i.system, i.account_id from customers.identities i
     where i.org_id = me.org_id and i.system = 'WARP' and i.account_id = me.ban and i.gone_at is null)
    union all
    (select i.system, i.account_id from customers.identities i
     where me.system = 'WARP' and i.ban = me.account_id and i.gone_at is null and i.org_id = me.org_id
     order by i.account_id limit most)
  ) near
  where (near.system, near.account_id) <> (me.system, me.account_id)
$$;
revoke all on function customers.accounts_near from public;
grant execute on function customers.accounts_near to :app;

-- Live accounts of the organisation in the setting in whose name one of these words is.
create function customers.accounts_with_words(words text[]) returns table (system text, account_id text)
language sql stable security definer set search_path = customers, public, pg_temp set enable_seqscan = off as $$
  select i.system, i.account_id from customers.identities i
  where i.tokens && words and i.gone_at is null and i.org_id = nullif(current_setting('hub.org_id', true), '')::uuid
$$;
revoke all on function customers.accounts_with_words from public;
grant execute on function customers.accounts_with_words to :app;
