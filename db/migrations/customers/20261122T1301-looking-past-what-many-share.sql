-- customers: who shares a web domain or a telephone number with many is not looked for by it: it tells nothing, and costs them all

-- Counts are read by the owner, who looks for accounts that are near.
create policy looking on customers.identity_words for select to :owner using (true);

-- Live accounts of the organisation in the setting that may be the same customer as those asked for, and why they came into question:
-- they share a web domain, a telephone number or a billing account with few, or their names are alike. At most `most` for each of these.
-- Words are counted by source as the matcher writes them: `@` before a domain, `#` before a mark; more than four of one source are many.
create or replace function customers.accounts_near(asked_systems text[], asked_ids text[], most integer)
returns table (a_system text, a_account_id text, b_system text, b_account_id text)
language sql stable security definer set search_path = customers, public, pg_temp
set pg_trgm.similarity_threshold = 0.45 set enable_seqscan = off as $$
  select distinct me.system, me.account_id, near.system, near.account_id
  from unnest(asked_systems, asked_ids) as a(system, account_id)
  join customers.identities me on me.org_id = nullif(current_setting('hub.org_id', true), '')::uuid
    and me.system = a.system and me.account_id = a.account_id and me.gone_at is null
  cross join lateral (
    select array(
      select p from unnest(me.phones) p where not exists (
        select from customers.identity_words w where w.org_id = me.org_id and w.token = '#' || p and w.count > 4)) as phones,
      (select me.match_domain where not exists (
        select from customers.identity_words w where w.org_id = me.org_id and w.token = '@' || me.match_domain and w.count > 4)) as domain
  ) own
  cross join lateral (
    (select i.system, i.account_id from customers.identities i
     where i.match_domain = own.domain and i.gone_at is null and i.org_id = me.org_id
     order by i.system, i.account_id limit most)
    union all
    (select i.system, i.account_id from customers.identities i
     where i.phones && own.phones and i.gone_at is null and i.org_id = me.org_id
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
