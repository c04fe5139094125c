-- telephony: a brand is over once its account is closed; its id at the registry may come back with another account of the customer
alter table telephony.brands
  drop constraint brands_status_check,
  drop constraint brands_check,
  add constraint brands_status_check check (status in ('PENDING', 'REGISTERED', 'REJECTED', 'EXPIRED')),
  add constraint brands_tcr_id_with_status check (status = 'EXPIRED' or (status = 'REGISTERED') = (tcr_brand_id is not null));
drop index telephony.brands_by_tcr_id;
create unique index brands_by_tcr_id on telephony.brands (org_id, tcr_brand_id) where status = 'REGISTERED';
