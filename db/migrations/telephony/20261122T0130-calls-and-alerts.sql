-- telephony: calls under way, how busy trunks were, first calls, and measures that leave their bounds

-- Organisations that were ever told of a call: those that somebody looks after every five minutes.
create table telephony.watched (
  org_id uuid primary key,
  -- The last five minutes that were told of.
  ticked_at timestamptz
);

-- Hours of accounts of which records came that nobody has added up yet. Whoever does waits for whoever is still writing.
create table telephony.fresh_usage (
  org_id uuid not null,
  ban text not null,
  slot timestamptz not null,
  -- The last of the calls that began in the hour has ended by then.
  reach timestamptz not null,
  -- Whether thresholds were looked at since; they need not be for what is long ago.
  is_judged boolean not null,
  primary key (org_id, ban, slot)
);
create index fresh_usage_to_judge on telephony.fresh_usage (org_id) where not is_judged;

-- How many calls are under way, as the platform said last.
create table telephony.active_calls (
  org_id uuid not null,
  trunk_id uuid not null,
  ban text not null,
  at timestamptz not null,
  calls integer not null check (calls >= 0),
  primary key (org_id, trunk_id)
);
create index active_calls_of_account on telephony.active_calls (org_id, ban);

-- The most calls at once in an hour: as the platform counted, and as the calls themselves show.
create table telephony.trunk_hours (
  org_id uuid not null,
  ban text not null,
  slot timestamptz not null,
  trunk_id uuid not null,
  told_peak integer check (told_peak >= 0),
  counted_peak integer check (counted_peak >= 0),
  primary key (org_id, ban, slot, trunk_id)
) with (fillfactor = 85);

create table telephony.first_calls (
  org_id uuid not null,
  ban text not null,
  trunk_id uuid not null,
  called_at timestamptz not null,
  observed_at timestamptz not null,
  primary key (org_id, ban)
);

-- What accounts, or (ban '') all accounts of the organisation, have set instead of what the hub has.
create table telephony.thresholds (
  org_id uuid not null,
  ban text not null,
  measure text not null check (measure in ('MINUTES', 'SPEND', 'CREDIT', 'CONCURRENCY', 'ANSWER_RATIO')),
  severity text not null check (severity in ('CRITICAL', 'HIGH', 'MEDIUM', 'LOW')),
  -- Percent of the limit; of an answer ratio the share itself.
  bound numeric(9, 4) not null check (bound > 0),
  slack numeric(9, 4) not null check (slack >= 0),
  min_calls integer check (min_calls > 0),
  is_on boolean not null,
  changed_at timestamptz not null,
  primary key (org_id, ban, measure, severity),
  check ((measure = 'ANSWER_RATIO') = (min_calls is not null))
);

create table telephony.spend_limits (
  org_id uuid not null,
  ban text not null,
  -- A month, in the account's currency.
  amount numeric(16, 4) not null check (amount > 0),
  primary key (org_id, ban),
  foreign key (org_id, ban) references telephony.billing_accounts
);

create table telephony.alerts (
  org_id uuid not null,
  id uuid not null,
  ban text not null,
  trunk_id uuid,
  measure text not null check (measure in ('MINUTES', 'SPEND', 'CREDIT', 'CONCURRENCY', 'ANSWER_RATIO')),
  severity text not null check (severity in ('CRITICAL', 'HIGH', 'MEDIUM', 'LOW')),
  value numeric not null,
  bound numeric not null,
  "limit" numeric,
  percent integer,
  currency text check (currency ~ '^[A-Z]{3}$'),
  opened_at timestamptz not null,
  due_at timestamptz not null,
  closed_at timestamptz,
  closed_value numeric,
  acknowledged_at timestamptz,
  acknowledged_by text,
  primary key (org_id, id),
  foreign key (org_id, ban) references telephony.billing_accounts,
  check ((acknowledged_at is null) = (acknowledged_by is null))
);
-- One stands at a time, however many look at once.
create unique index alerts_that_stand on telephony.alerts (org_id, ban, trunk_id, measure, severity) nulls not distinct
  where closed_at is null;
create index alerts_of_account on telephony.alerts (org_id, ban, id desc);
create index alerts_of_trunk on telephony.alerts (org_id, trunk_id, id desc) where trunk_id is not null;

do $$
declare t text;
begin
  foreach t in array array['watched', 'fresh_usage', 'active_calls', 'trunk_hours', 'first_calls',
    'thresholds', 'spend_limits', 'alerts']
  loop
    execute format('alter table telephony.%I enable row level security', t);
    execute format('alter table telephony.%I force row level security', t);
    execute format(
      'create policy tenant on telephony.%I to :app using (org_id = nullif(current_setting(''hub.org_id'', true), '''')::uuid)', t);
    execute format('grant select, insert, update, delete on telephony.%I to :app', t);
  end loop;
end $$;
-- Whoever looks after organisations has to learn which there are: of that, relay sees whose it is and whether it is done, and nothing else.
create policy routing on telephony.watched for select to :relay using (true);
grant select (org_id) on telephony.watched to :relay;
create policy routing on telephony.fresh_usage for select to :relay using (true);
grant select (org_id, is_judged) on telephony.fresh_usage to :relay;
