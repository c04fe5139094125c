-- sync: who is merged or gone at the source is looked for among what waits to be written, and not among all records
create index links_waiting on sync.links (org_id, connection_id, type) where base is not null;
