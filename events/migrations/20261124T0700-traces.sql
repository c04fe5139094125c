-- events: which request led to a batch of events, so that what follows from it is found by the same trace
alter table events.outbox add column trace text;
comment on column events.outbox.trace is 'As W3C Trace Context writes it; null for what no request led to.';
alter table events.batches add column trace text;
