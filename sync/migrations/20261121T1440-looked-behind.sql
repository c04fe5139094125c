-- sync: what may have been written over unseen is looked for once, also when whoever wrote it was stopped before
-- Of fields of which nobody has looked yet what came before ours at the source: what both sides had agreed on. Null: of none.
alter table sync.writes add column unlooked jsonb;
create index writes_unlooked on sync.writes (local_id) where unlooked is not null;
