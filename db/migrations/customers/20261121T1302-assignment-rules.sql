-- customers: to whom contacts without an owner are given, by where they are and what their company does
create table customers.assignment_rules (
  org_id uuid not null,
  integration_id uuid not null,
  position integer not null check (position >= 0),
  territories text[] not null,
  industries text[] not null,
  owner_id uuid not null,
  primary key (org_id, integration_id, position)
);
alter table customers.assignment_rules enable row level security;
alter table customers.assignment_rules force row level security;
create policy tenant on customers.assignment_rules to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.assignment_rules to :app;

alter table customers.rule_versions drop constraint rule_versions_rules_check;
alter table customers.rule_versions add constraint rule_versions_rules_check
  check (rules in ('RENEWAL_STAGES', 'COMPANY_KINDS', 'ASSIGNMENT'));
