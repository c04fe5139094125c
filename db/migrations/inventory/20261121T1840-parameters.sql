-- inventory: parts of a kind, among which stand-ins are looked for
create index components_by_category on inventory.components (org_id, category);
