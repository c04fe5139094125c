-- sync: a log says what went wrong beside the code of it
alter table sync.logs add column reason text;
