-- customers: trunks and numbers as telephony tells them become records of their own in portals
-- As of when portals' records were last made of it; otherwise they are to be looked at.
alter table customers.timeline_told add column placed_as_of timestamptz;
create index timeline_told_unplaced on customers.timeline_told (org_id, subject desc, id)
  where subject <> 'ACCOUNT' and placed_as_of is distinct from observed_at;
create index timeline_told_of_account on customers.timeline_told (org_id, (state ->> 'ban')) where subject <> 'ACCOUNT';

-- Since when everything there was is brought to a portal; null: it is to be brought, or the portal does not have it.
alter table customers.integrations add column assets_since timestamptz;

-- Numbers and more of trunks are told now: whoever has followed without them takes the state anew.
update events.cursors set names = array_remove(array_remove(names, 'telephony.trunk.changed'), 'telephony.number.changed')
where consumer = 'customers' and source = 'telephony' and names <> '{}';
