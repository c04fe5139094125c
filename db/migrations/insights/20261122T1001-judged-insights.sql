-- insights: what people decided is counted by confidence and by detector, without reading what nobody has judged
create index insights_judged on insights.insights (org_id, confidence, detector, method_version)
  where state in ('ACCEPTED', 'DONE') or dismissed_for = 'WRONG';
