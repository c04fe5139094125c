-- customers: onboardings go by accounts and trunks as they were last told, kept once for all who ask
drop table customers.account_facts;
