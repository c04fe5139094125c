-- hub: whether somebody asked for a run or the hub does it by itself, and how often a worker has begun it
alter table hub.sync_runs add column priority text not null default 'ASKED' check (priority in ('ASKED', 'BACKGROUND'));
alter table hub.sync_runs add column attempts integer not null default 0;
