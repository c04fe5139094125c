-- sync: which request led to a record's being written at its source
alter table sync.outgoing add column trace text;
comment on column sync.outgoing.trace is 'Of the newest request that led to it, as W3C Trace Context writes it; null when none did.';
