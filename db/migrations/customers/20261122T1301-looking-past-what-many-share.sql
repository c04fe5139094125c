-- customers: accounts are looked for by keys that an index holds exactly, and nobody by what many share

-- What accounts of like names are looked for by: telling words, the same with a letter left out, the whole name, its initials.
alter table customers.identities add column near_keys text[] not null default '{}';
drop index customers.identities_by_core;
-- Without a list of what is pending: whoever looks would read all of it each time.
create index identities_by_near_key on customers.identities using gin (near_keys) with (fastupdate = off) where gone_at is null;

drop function customers.accounts_near;
-- Live accounts of the organisation in the setting that may be the same customer as those asked for, and why they came into question: they
-- share a web domain, a telephone number, a billing account or a key. At most `most` for each of these, of names the most alike. Of each
-- account is asked by what few share alone: who asks has counted.
-- @param asked one object for each: system, id, domain, phones, keys. Organisations are compared by `is not distinct from`, which no index
--   serves: else all accounts of the organisation would be gone through by it for each account that is asked
create function customers.accounts_near(asked jsonb, most integer)
returns table (a_system text, a_account_id text, b_system text, b_account_id text)
language sql stable security definer set search_path = customers, public, pg_temp set enable_seqscan = off as $$
  select distinct me.system, me.account_id, near.system, near.account_id
  from (
    select system, id, domain, array(select jsonb_array_elements_text(phones)) as phones, array(select jsonb_array_elements_text(keys)) as keys
    from jsonb_to_recordset(asked) as a(system text, id text, domain text, phones jsonb, keys jsonb)
  ) a
  join customers.identities me on me.org_id = nullif(current_setting('hub.org_id', true), '')::uuid
    and me.system = a.system and me.account_id = a.id and me.gone_at is null
  cross join lateral (
    (select i.system, i.account_id from customers.identities i
     where i.match_domain = a.domain and i.gone_at is null and i.org_id is not distinct from me.org_id
     order by i.system, i.account_id limit most)
    union all
    (select i.system, i.account_id from customers.identities i
     where i.phones && a.phones and i.gone_at is null and i.org_id is not distinct from me.org_id
     order by i.system, i.account_id limit most)
    union all
    (select i.system, i.account_id from customers.identities i
     where i.near_keys && a.keys and i.gone_at is null and i.org_id is not distinct from me.org_id
     order by similarity(i.name_core, me.name_core) desc, i.system, i.account_id limit most)
    union all
    (select i.system, i.account_id from customers.identities i
     where i.org_id = me.org_id and i.system = 'WARP' and i.account_id = me.ban and i.gone_at is null)
    union all
    (select i.system, i.account_id from customers.identities i
     where me.system = 'WARP' and i.ban = me.account_id and i.gone_at is null and i.org_id is not distinct from me.org_id
     order by i.account_id limit most)
  ) near
  where (near.system, near.account_id) <> (me.system, me.account_id)
$$;
revoke all on function customers.accounts_near from public;
grant execute on function customers.accounts_near to :app;
