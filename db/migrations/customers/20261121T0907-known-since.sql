-- customers: since when each kind of a portal's records is known, and what lists of renewals may be asked for
-- By kind: when the reading was asked for that first came to its end. What is new since has happened, and is not only being found.
alter table customers.integrations add column known_since jsonb not null default '{}';

alter table customers.renewal_stages add constraint renewal_stages_known
  check (renewal_stage in ('UPCOMING', 'IN_NEGOTIATION', 'AT_RISK', 'RENEWED', 'LOST', 'NOT_A_RENEWAL'));
alter table customers.stages add constraint stages_renewal_known
  check (renewal_stage in ('UPCOMING', 'IN_NEGOTIATION', 'AT_RISK', 'RENEWED', 'LOST', 'NOT_A_RENEWAL'));
