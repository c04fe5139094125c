-- customers: an account is found by the id that its own system has for it
create index identities_by_external_id on customers.identities (org_id, system, external_id);
