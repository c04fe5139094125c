-- sync: a record may be there at the source and yet not take part, by rules that somebody has made
alter table sync.links drop constraint links_gone_reason_check;
alter table sync.links add constraint links_gone_reason_check
  check (gone_reason in ('archived', 'missing', 'merged', 'excluded')) not valid;
alter table sync.links validate constraint links_gone_reason_check;
