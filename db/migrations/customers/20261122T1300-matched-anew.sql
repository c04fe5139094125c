-- customers: telephone numbers of other systems' accounts are compared, and everybody is judged anew by the newer method

-- Numbers of one account that are kept as marks: those it has had longest. An account of thousands has its own among the first.
create table customers.account_numbers (
  org_id uuid not null,
  -- Of telephony's.
  number_id text not null,
  ban text not null,
  -- Keyed, never plain.
  mark text not null,
  given_at timestamptz not null,
  primary key (org_id, number_id)
);
create index account_numbers_of_account on customers.account_numbers (org_id, ban, given_at, number_id);

alter table customers.account_numbers enable row level security;
alter table customers.account_numbers force row level security;
create policy tenant on customers.account_numbers to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.account_numbers to :app;

-- What is listed goes by a whole number that an index serves under row security: two decimals of a score, and whether it is open.
alter table customers.identity_candidates
  add column rank integer generated always as ((score * 100)::integer) stored;
drop index customers.identity_candidates_by_score;
create index identity_candidates_by_rank on customers.identity_candidates (org_id, state, rank, id);
create index identity_candidates_by_any_rank on customers.identity_candidates (org_id, rank, id);

alter table customers.identities no force row level security;
alter table customers.identity_due no force row level security;
insert into customers.identity_due (org_id, system, account_id, marked_at)
select org_id, system, account_id, created_at from customers.identities
on conflict (org_id, system, account_id) do update set step = 'LEARN';
alter table customers.identity_due force row level security;
alter table customers.identities force row level security;
