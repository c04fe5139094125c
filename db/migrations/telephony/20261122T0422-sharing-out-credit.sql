-- telephony: how far calls have been shared out by an organisation's newest credit rule; a row is there until all trunks follow it
create table telephony.credit_sharing (
  org_id uuid primary key,
  -- The last account whose trunks follow it.
  after_ban text not null,
  -- Who set the rule: what follows is written down as his doing.
  who_kind text not null,
  who_id text not null
);
alter table telephony.credit_sharing enable row level security;
alter table telephony.credit_sharing force row level security;
create policy tenant on telephony.credit_sharing to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on telephony.credit_sharing to :app;
-- Whoever goes on with it has to learn for which organisations: of that, relay sees whose it is, and nothing else.
create policy routing on telephony.credit_sharing for select to :relay using (true);
grant select (org_id) on telephony.credit_sharing to :relay;
