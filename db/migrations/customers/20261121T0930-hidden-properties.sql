-- customers: a portal may keep properties that it does not show to its own people
alter table customers.portal_properties add column is_hidden boolean not null default false;
