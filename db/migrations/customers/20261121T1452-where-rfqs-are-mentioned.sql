-- customers: in which properties a deal's record mentioned a request, so that mapping another one takes nothing away
alter table customers.rfq_mentions add column source text not null default '';
