-- telephony: usage asks once in a statement whose rows they are, and not for each of tens of thousands of rows

do $$
declare t text;
begin
  foreach t in array array['usage_records', 'usage_quarters', 'usage_hours', 'usage_days', 'trunk_hours'] loop
    execute format(
      'alter policy tenant on telephony.%I using (org_id = (select nullif(current_setting(''hub.org_id'', true), '''')::uuid))', t);
  end loop;
end $$;
