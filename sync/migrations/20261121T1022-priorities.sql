-- sync: what somebody waits for goes before what the hub does by itself
alter table sync.runs add column priority text not null default 'ASKED' check (priority in ('ASKED', 'BACKGROUND'));
-- Somebody asked for this record to be read again: it goes before what messages told of.
alter table sync.signals add column urgent boolean not null default false;
create index signals_urgent on sync.signals (org_id, connection_id, type, due_at) where urgent;
