-- sync: the letters of a record are looked for whenever somebody looks at it
create index dead_letters_of_record on sync.dead_letters (org_id, connection_id, type, external_id, direction);
