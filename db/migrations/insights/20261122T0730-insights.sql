-- insights: what was noticed about customers and suppliers, and what people decided on it
create table insights.insights (
  org_id uuid not null,
  insight_id uuid not null,
  -- Null when it is about a part or a supplier: then it repeats a recommendation.
  customer_id text,
  recommendation_id text,
  detector text not null,
  method_version integer not null,
  type text not null,
  -- How often the rule has noticed it of this customer; the newest alone can be open.
  episode integer not null check (episode > 0),
  state text not null check (state in ('NEW', 'ACCEPTED', 'DISMISSED', 'DONE', 'EXPIRED')),
  -- Rises when somebody decides or it ends.
  version integer not null check (version > 0),
  confidence integer not null check (confidence between 0 and 100),
  impact text not null check (impact in ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
  -- What is at stake in a year; null when that is not known.
  value_at_stake numeric(19, 4) check (value_at_stake >= 0),
  sentence text not null,
  measures json not null,
  evidence json not null,
  -- Whether it has become something to do, and whether a person has to.
  is_recommended boolean not null,
  needs_person boolean not null,
  -- How often in a row it was dismissed and not forgotten.
  dismissals integer not null,
  -- When it was last dismissed so that the rule has to ask for more.
  dismissed_at timestamptz check ((dismissals > 0) = (dismissed_at is not null)),
  dismissed_for text check ((state = 'DISMISSED') = (dismissed_for is not null)),
  outcome text check ((state = 'DONE') = (outcome is not null)),
  raised_at timestamptz not null,
  -- Null when something else decides how long it holds.
  valid_until timestamptz,
  decided_at timestamptz check ((state = 'NEW') = (decided_at is null)),
  as_of timestamptz not null,
  -- Whole numbers that an index can walk: under row level security none serves comparisons of numeric.
  worth integer not null generated always as
    (least(coalesce(round(value_at_stake * confidence / 100), -1), 2000000000)::integer) stored,
  is_open boolean not null generated always as (state in ('NEW', 'ACCEPTED')) stored,
  primary key (org_id, insight_id),
  check ((customer_id is null) = (recommendation_id is not null))
);
create unique index insights_episodes on insights.insights (org_id, customer_id, detector, episode) where customer_id is not null;
create index insights_of_customer on insights.insights (org_id, customer_id, raised_at, insight_id) where customer_id is not null;
create index insights_newest on insights.insights (org_id, raised_at, insight_id);
create index insights_open_newest on insights.insights (org_id, is_open, raised_at, insight_id);
create index insights_open_surest on insights.insights (org_id, is_open, confidence, insight_id);
create index insights_open_worth on insights.insights (org_id, is_open, worth, insight_id);
create index insights_ended on insights.insights (org_id, decided_at) where not is_open;

alter table insights.insights enable row level security;
alter table insights.insights force row level security;
create policy tenant on insights.insights to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on insights.insights to :app;
