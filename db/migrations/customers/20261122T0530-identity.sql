-- customers: links that people made can be undone, and what was told of a customer's accounts is kept to tell of the next change
alter table customers.identities
  -- Where an account was before somebody linked it by hand, and how it had come there: it goes back there when that is undone.
  add column linked_from uuid,
  add column linked_before text check (linked_before in ('OWN', 'MATCHED', 'OPENED_FOR', 'MANUAL')),
  add check ((linked_from is null) = (linked_before is null));

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
