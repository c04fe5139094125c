-- hub: an export tells which records of a kind are gone, without looking through all that changed

create index changes_gone on hub.changes (org_id, type, place) where is_deleted;
