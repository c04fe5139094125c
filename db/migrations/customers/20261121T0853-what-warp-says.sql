-- customers: what WARP says of people and of tickets
alter table customers.contacts
  add column warp_user_id text,
  add column warp_role text check (warp_role in ('ADMIN', 'DEVELOPER', 'BILLING', 'READONLY')),
  add column warp_two_factor boolean,
  add column warp_last_login timestamptz,
  -- How many, never which: keys are not kept.
  add column warp_api_key_count integer check (warp_api_key_count >= 0),
  add column warp_last_api_call timestamptz;

alter table customers.tickets
  add column owner_id uuid,
  add column issue_type text check (issue_type in ('VOICE', 'SMS', 'BILLING', 'API', 'PORTAL')),
  add column severity text check (severity in ('CRITICAL', 'HIGH', 'MEDIUM', 'LOW')),
  add column trunk_id text,
  add column call_id text,
  add column sla_breach_at timestamptz,
  add column technical_details text;
