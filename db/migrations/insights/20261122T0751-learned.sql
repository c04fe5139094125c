-- insights: customers are judged anew too when something was learned of all of them
alter table insights.recomputes
  drop constraint if exists recomputes_reason_check,
  add constraint recomputes_reason_check check (reason in ('ASKED', 'SETTINGS', 'LEARNED'));
