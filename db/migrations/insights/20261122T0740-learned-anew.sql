-- insights: all customers are judged anew also when something was learned from all of them
alter table insights.recomputes
  drop constraint recomputes_reason_check,
  add constraint recomputes_reason_check check (reason in ('ASKED', 'SETTINGS', 'LEARNED'));
