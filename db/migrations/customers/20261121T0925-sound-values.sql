-- customers: what may stand in a column, wherever it comes from
alter table customers.companies
  add constraint companies_kind_known check (kind in ('CUSTOMER', 'SUPPLIER', 'BOTH', 'PROSPECT', 'OTHER')),
  add constraint companies_sound check (external_id <> '' and name <> '' and jsonb_typeof(properties) = 'object');
alter table customers.customers
  add constraint customers_kind_known check (kind in ('CUSTOMER', 'SUPPLIER', 'BOTH', 'PROSPECT', 'OTHER')),
  add constraint customers_sound check (health_score between 0 and 100 and identity_version > 0);
alter table customers.company_kinds
  add constraint company_kinds_known check (kind in ('CUSTOMER', 'SUPPLIER', 'BOTH', 'PROSPECT', 'OTHER') and value <> '' and value = lower(value));
alter table customers.contacts
  add constraint contacts_sound check (external_id <> '' and jsonb_typeof(properties) = 'object' and engagement_rank <= 0);
alter table customers.deals
  add constraint deals_sound check (external_id <> '' and name <> '' and jsonb_typeof(properties) = 'object'),
  -- An open deal is neither won nor lost; a closed one is one of the two. `NaN` is no amount.
  add constraint deals_standing check (is_open = (is_won is null)),
  add constraint deals_money check (amount <> 'NaN' and currency ~ '^[A-Z]{3}$');
alter table customers.tickets
  add constraint tickets_sound check (external_id <> '' and subject <> '' and jsonb_typeof(properties) = 'object'),
  add constraint tickets_category_known check (
    category in ('VOICE', 'MESSAGING', 'BILLING', 'TECHNICAL', 'OTHER') and (
      subcategory is null
      or category = 'VOICE' and subcategory in ('CALL_QUALITY', 'CALL_FAILURES', 'ROUTING_PROBLEMS', 'CODEC_ISSUES')
      or category = 'MESSAGING' and subcategory in ('SMS_DELIVERY_FAILURES', 'TEN_DLC_REGISTRATION', 'MMS_PROBLEMS', 'CAMPAIGN_ISSUES')
      or category = 'BILLING' and subcategory in ('INVOICE_DISPUTES', 'PAYMENT_FAILURES', 'TAX_QUESTIONS', 'RATE_INQUIRIES')
      or category = 'TECHNICAL' and subcategory in ('API_ERRORS', 'INTEGRATION_HELP', 'CONFIGURATION_ASSISTANCE', 'NUMBER_PORTING')
    )
  );
alter table customers.tasks
  add constraint tasks_sound check (external_id <> '' and subject <> '' and status <> '' and jsonb_typeof(properties) = 'object'
    and length(subject) <= 65536 and length(body) <= 65536);
alter table customers.notes
  add constraint notes_sound check (external_id <> '' and jsonb_typeof(properties) = 'object' and length(body) <= 65536);
alter table customers.stages
  add constraint stages_sound check (probability between 0 and 1
    and (type = 'deals' and is_open = (is_won is null) or type = 'tickets' and is_won is null));
alter table customers.edges
  add constraint edges_sound check (from_type <> to_type and from_id <> '' and to_id <> '');
