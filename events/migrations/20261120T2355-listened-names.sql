-- events: what a listener has listened to so far, so that one that begins to want more gets the state of that first
alter table events.cursors add column names text[] not null default '{}';
comment on column events.cursors.names is 'Empty: every event.';
