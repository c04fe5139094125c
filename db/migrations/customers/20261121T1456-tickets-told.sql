-- customers: what becomes of tickets is told on timelines too
alter table customers.timeline_told drop constraint timeline_told_subject_check;
alter table customers.timeline_told add constraint timeline_told_subject_check
  check (subject in ('ACCOUNT', 'TRUNK', 'NUMBER', 'TICKET'));
drop index customers.timeline_told_unplaced;
create index timeline_told_unplaced on customers.timeline_told (org_id, subject desc, id)
  where subject in ('TRUNK', 'NUMBER') and placed_as_of is distinct from observed_at;
drop index customers.timeline_told_of_account;
create index timeline_told_of_account on customers.timeline_told (org_id, (state ->> 'ban')) where subject in ('TRUNK', 'NUMBER');
