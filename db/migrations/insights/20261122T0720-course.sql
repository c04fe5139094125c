-- insights: where a score has stood day by day, and where it is going
alter table insights.health
  -- Days on which it came to stand elsewhere, oldest first, as far back as its trend looks: [[day since 1970, score], …].
  add column days json not null default '[]',
  -- Points in 30 days.
  add column slope numeric(6, 2),
  add column trend text check (trend in ('RISING', 'STEADY', 'FALLING')),
  add check ((slope is null) = (trend is null));
alter table insights.health_history
  add column slope numeric(6, 2),
  add column trend text check (trend in ('RISING', 'STEADY', 'FALLING'));
