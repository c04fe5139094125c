-- inventory: finding parts by words and by who offers them, also among very many
-- Row level security keeps these operators from using an index, so searching is done by the owner, who sees parts only for this.
create policy search on inventory.components for select to :owner using (true);
create policy search on inventory.inventory for select to :owner using (true);
create policy search on inventory.stock_levels for select to :owner using (true);

-- Parts of the organisation in the setting whose number, maker or description holds the words, which are in capitals, and whose number
-- does not begin between `start` and `beyond`, behind a place: at least the first `most` by number, if there are so many. `narrowed` has category, family,
-- manufacturer, lifecycle, inStock and isLow, each null for any. What the hub has promised is not in stock.
create function inventory.parts_holding(
  words text, start text, beyond text, narrowed jsonb, after_number text, after_id uuid, most integer
) returns setof uuid
language plpgsql stable rows 100 security definer set search_path = inventory, public, pg_temp set enable_seqscan = off set enable_sort = off as $$
declare
  org constant uuid := nullif(current_setting('hub.org_id', true), '')::uuid;
  pattern constant text := '%' || replace(replace(replace(words, '\', '\\'), '%', '\%'), '_', '\_') || '%';
  many constant integer := 2000;
  rare uuid[];
begin
  select coalesce(array_agg(f.id), '{}') into rare
  from (select c.id from components c where c.search_text like pattern and c.org_id = org limit many) f;
  -- Few are all answered. Of very many the first are met soon on a way through the numbers, which the index of words must not cut short.
  return query execute 'select c.id from components c where c.org_id = $1 and c.normal_number is not null and '
    || case when cardinality(rare) < many then 'c.id = any($2)' else '(c.search_text || '''') like $3' end
    || ' and ($4 is null or not (c.normal_number ~>=~ $4 and c.normal_number ~<~ $5))'
    || ' and ($6->>''category'' is null or c.category = $6->>''category'')'
    || ' and ($6->>''family'' is null or c.family = $6->>''family'')'
    || ' and ($6->>''manufacturer'' is null or c.manufacturer = $6->>''manufacturer'')'
    || ' and ($6->>''lifecycle'' is null or c.lifecycle = $6->>''lifecycle'')'
    || ' and ($6->>''inStock'' is null or ($6->>''inStock'')::boolean = exists (select 1 from inventory i where i.org_id = c.org_id'
    || '   and i.component_id = c.id and i.deleted_at is null and i.quantity_available > i.quantity_reserved + i.quantity_promised))'
    || ' and ($6->>''isLow'' is null or ($6->>''isLow'')::boolean = exists (select 1 from stock_levels l where l.org_id = c.org_id'
    || '   and l.component_id = c.id and l.is_low))'
    || case when after_number is null then ''
         else ' and (c.normal_number ~>~ $7 or (c.normal_number = $7 and c.id > $8))' end
    || case when cardinality(rare) < many then '' else ' order by c.normal_number using ~<~, c.id limit $9' end
    using org, rare, pattern, start, beyond, narrowed, after_number, after_id, most;
end
$$;

-- The first `most` parts of the organisation in the setting that each of these suppliers, by C3's ids, offers, behind a place, by number.
create function inventory.parts_offered_by(suppliers text[], after_number text, after_id uuid, most integer)
returns table (supplier text, id uuid)
language sql stable rows 100 security definer set search_path = inventory, public, pg_temp set enable_seqscan = off set enable_indexscan = off as $$
  select s.id, c.id from unnest(suppliers) as s(id), lateral (
    select c.id from inventory.components c
    where c.sources @> jsonb_build_array(jsonb_build_object('supplierId', s.id))
      and c.org_id = nullif(current_setting('hub.org_id', true), '')::uuid
      and (after_number is null or c.normal_number ~>~ after_number or (c.normal_number = after_number and c.id > after_id))
    order by c.normal_number using ~<~, c.id limit most
  ) c
$$;

-- How many it is of each supplier.
create function inventory.count_offered_by(suppliers text[]) returns table (supplier text, n bigint)
language sql stable rows 100 security definer set search_path = inventory, public, pg_temp set enable_seqscan = off set enable_indexscan = off as $$
  select s.id, (
    select count(*) from inventory.components c
    where c.sources @> jsonb_build_array(jsonb_build_object('supplierId', s.id))
      and c.org_id = nullif(current_setting('hub.org_id', true), '')::uuid
  ) from unnest(suppliers) as s(id)
$$;

-- What has just come is looked through row by row: not too much of it.
alter index inventory.components_by_word set (gin_pending_list_limit = 256);
alter index inventory.components_by_source set (gin_pending_list_limit = 256);

revoke all on function inventory.parts_holding, inventory.parts_offered_by, inventory.count_offered_by from public;
grant execute on function inventory.parts_holding, inventory.parts_offered_by, inventory.count_offered_by to :app;
