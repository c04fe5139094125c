-- customers: insights says where a customer's health is going, so that no mean is kept beside it
alter table customers.customers
  add column health_trend text check (health_trend in ('RISING', 'STEADY', 'FALLING')),
  drop column health_mean;
