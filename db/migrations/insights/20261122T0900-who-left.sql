-- insights: the day on which customers left, beside what is found of them and with the months they were counted in
alter table insights.findings
  -- Null while it stays.
  add column left_on date;
alter table insights.churn_snapshots
  -- The day within 90 days after the month's beginning on which it left; null when it stayed. As it was when these days were over: what
  -- becomes known later moves neither how many are said to have left nor what is learned of it.
  add column left_on date;

-- No organisation is set while migrations run, so for a moment the owner has to see the rows of all.
alter table insights.findings no force row level security;
alter table insights.churn_snapshots no force row level security;
update insights.findings set left_on = (found -> 'churn' ->> 'leftOn')::date where found -> 'churn' ->> 'leftOn' is not null;
update insights.churn_snapshots s set left_on = f.left_on
from insights.findings f
where f.org_id = s.org_id and f.customer_id = s.customer_id and f.left_on between s.month and s.month + 90;
alter table insights.findings force row level security;
alter table insights.churn_snapshots force row level security;

create index findings_left on insights.findings (org_id, left_on, customer_id) where left_on is not null;
create index churn_snapshots_left on insights.churn_snapshots (org_id, month) where left_on is not null;
