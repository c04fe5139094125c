-- customers: streets of emergency addresses lie in the open only where the organisation lets them go; texts that speak of one are found by its mark
-- Made by the hub's key of the first two words of the address: nobody finds the address by trying.
alter table customers.timeline_told add column street_mark text check (length(street_mark) between 1 and 100);
alter table customers.timeline_told add column street_sealed text;
create index timeline_told_streets on customers.timeline_told (org_id, street_mark) where street_mark is not null;

-- What was kept in the open for portals that may not have it goes. Nobody owns rows of all organisations but whoever owns the table.
alter table customers.own_records no force row level security;
alter table customers.integrations no force row level security;
update customers.own_records r set properties = r.properties - 'e911_address'
from customers.integrations i
where i.org_id = r.org_id and i.id = r.integration_id and not i.sends_addresses and r.properties ? 'e911_address';
alter table customers.own_records force row level security;
alter table customers.integrations force row level security;

-- Streets are sealed as numbers are told: whoever has followed without that takes the state anew.
update events.cursors set names = array_remove(names, 'telephony.number.changed')
where consumer = 'customers' and source = 'telephony' and names <> '{}';
