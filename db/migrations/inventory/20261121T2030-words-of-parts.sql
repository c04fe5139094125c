-- inventory: what C3 says of a part is kept once, and not again with each of its stock rows
alter table inventory.components
  -- As C3 told it last, byte by byte. Null where older code wrote it.
  add column told json;

comment on column inventory.inventory.part is 'What C3 says of the part with this row, where that is not what it says of the part otherwise; null: the same';

-- Words of very many new parts enter their index at once and not page by page: until then a search looks through what has just come, so
-- whoever has read everything says that it is over.
alter index inventory.components_by_word reset (gin_pending_list_limit);
alter index inventory.components_by_source reset (gin_pending_list_limit);

-- Reads nobody's rows; asked for by whoever has read for an organisation.
create function inventory.index_parts() returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  select gin_clean_pending_list('inventory.components_by_word'), gin_clean_pending_list('inventory.components_by_source')
  where nullif(current_setting('hub.org_id', true), '') is not null
$$;
revoke all on function inventory.index_parts from public;
grant execute on function inventory.index_parts to :app;
