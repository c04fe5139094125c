-- sync: what is put back is the source's own word again, not ours, whether or not we are told that it is there
alter table sync.writes add column gives_back boolean not null default false;
