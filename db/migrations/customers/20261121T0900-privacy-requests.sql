-- customers: whoever forgets people for HubSpot has to learn which organisations have been asked to
create policy routing on customers.privacy_requests for select to :relay using (true);
-- That somebody is to be forgotten, and not who.
grant select (org_id, requested_at) on customers.privacy_requests to :relay;
