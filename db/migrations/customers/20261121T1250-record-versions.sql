-- customers: how often what a record says has changed, so that somebody who changes it can say what he has seen
alter table customers.companies add column version integer not null default 1;
alter table customers.contacts add column version integer not null default 1;
alter table customers.deals add column version integer not null default 1;
alter table customers.tickets add column version integer not null default 1;
alter table customers.tasks add column version integer not null default 1;
alter table customers.notes add column version integer not null default 1;
-- Whether a portal's person is here already is asked by the address.
create index contacts_by_email on customers.contacts (org_id, integration_id, lower(email)) where email is not null and gone_at is null;
