-- customers: where a customer's health has stood of late, so that it can be said where it is going
alter table customers.customers add column health_mean numeric;
