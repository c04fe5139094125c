-- telephony: accounts are looked after page by page, and whoever brings records waits for nobody who does

alter table telephony.watched
  -- The five minutes that are under way, and the account that was looked after last in them; null once they are done.
  add column ticking timestamptz,
  add column after_ban text,
  add constraint watched_is_somewhere check ((ticking is null) = (after_ban is null));

alter table telephony.fresh_usage
  -- One more with each transaction that brings records: what was done by the records of before does not count for them.
  add column revision integer not null default 1,
  -- Whether the busiest moments were counted since.
  add column is_counted boolean not null default false;

-- The latest instant that a clock ahead of ours has told: what it told is known when it comes again.
alter table telephony.active_calls add column ahead_to timestamptz;
