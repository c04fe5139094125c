-- telephony: what companies say of credit limits is ordered by the log it is told in, and given to one account, once
alter table telephony.company_credits
  -- The place in customers' log of the newest word, and of the one by which the company said just this limit.
  add column pos bigint not null default 0,
  add column said_pos bigint not null default 0,
  -- The hub may have said it itself, where the company said nothing.
  add column may_be_ours boolean not null default false,
  -- The account that was given it; null while it waits for one.
  add column given_to text,
  -- Why it is given to nobody. Then amount is null.
  add column refused text check (refused in ('NEGATIVE', 'TOO_LARGE')),
  -- HubSpot has the company no more.
  add column is_gone boolean not null default false,
  drop column observed_at,
  drop column said_at;
alter table telephony.company_credits
  alter column pos drop default,
  alter column said_pos drop default,
  alter column may_be_ours drop default,
  alter column is_gone drop default;

-- No organisation is set while migrations run, so for a moment the owner has to see the rows of all.
alter table telephony.billing_accounts no force row level security;
alter table telephony.account_customers no force row level security;
alter table telephony.company_credits no force row level security;
update telephony.company_credits c set given_to = (
  select b.ban from telephony.billing_accounts b
  left join telephony.account_customers a on a.org_id = b.org_id and a.ban = b.ban
  where b.org_id = c.org_id and b.credit_limit_said is not null and (b.ban = c.ban or (c.ban is null and a.customer_id = c.customer_id))
  order by b.ban limit 1)
where c.amount is not null;
alter table telephony.billing_accounts force row level security;
alter table telephony.account_customers force row level security;
alter table telephony.company_credits force row level security;

-- What was said is kept with who said it. The limits that were set are remembered wherever they were set.
alter table telephony.billing_accounts drop column credit_limit_said;
