-- customers: links that people made can be undone, and what was told of a customer's accounts is kept to tell of the next change
alter table customers.identities
  -- Where an account was each time that somebody linked it by hand, and how it had come there, the last at the end: it goes back there
  -- when that is undone.
  add column linked_from uuid[] not null default '{}',
  add column linked_before text[] not null default '{}' check (linked_before <@ array['OWN', 'MATCHED', 'OPENED_FOR', 'MANUAL']),
  add check (cardinality(linked_from) = cardinality(linked_before));

-- The accounts a customer was last told to have, each as its system and id.
alter table customers.customers add column told_accounts text[] not null default '{}';

alter table customers.customers no force row level security;
alter table customers.identities no force row level security;
update customers.customers c set told_accounts = i.accounts
from (
  select org_id, customer_id, array_agg(system || ' ' || account_id order by system, account_id) as accounts
  from customers.identities where gone_at is null group by org_id, customer_id
) i
where i.org_id = c.org_id and i.customer_id = c.id;
alter table customers.customers force row level security;
alter table customers.identities force row level security;
