import { sql } from 'kysely'
import { idFrom } from '#kernel/ids.ts'
import type { CatalogChange, KnownProperty, PropertyChangeKind } from '../domain/catalog.ts'
import type { Transaction } from './transaction.ts'

/** Where a catalogue belongs. */
export interface CatalogPlace {
  orgId: string
  integrationId: string
}

/** A property of a portal, as it was last read. */
export interface PortalPropertyRow {
  integration_id: string
  type: string
  name: string
  label: string
  description: string
  kind: string
  field_type: string
  group_name: string
  options: { value: string; label: string }[]
  is_read_only: boolean
  is_calculated: boolean
  is_unique: boolean
  is_hidden: boolean
  is_hubspot_defined: boolean
  is_sensitive: boolean
  is_read: boolean
  retyped_from: string | null
  first_seen_at: Date
  changed_at: Date
  archived_at: Date | null
}

/** A change that was noticed. */
export interface PropertyChangeRow {
  id: string
  type: string
  property: string
  label: string
  change: PropertyChangeKind
  was: string | null
  becomes: string | null
  at: Date
}

const COLUMNS = sql`integration_id, type, name, label, description, kind, field_type, group_name, options, is_read_only, is_calculated, is_unique, is_hidden,
  is_hubspot_defined, is_sensitive, is_read, retyped_from, first_seen_at, changed_at, archived_at`

/** Everything known of a portal's properties, archived ones too, by type: one statement. */
export const catalogOf = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
): Promise<Map<string, PortalPropertyRow[]>> =>
  (await catalogsOf(tx, orgId, [integrationId])).get(integrationId) ?? new Map()

/** The same of several portals, by portal and type: one statement. */
export const catalogsOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Map<string, Map<string, PortalPropertyRow[]>>> => {
  const { rows } = await sql<PortalPropertyRow>`
    select ${COLUMNS} from customers.portal_properties
    where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[]) order by type, name`.execute(
    tx,
  )
  const portals = Map.groupBy(rows, (row) => row.integration_id)
  return new Map([...portals].map(([id, all]) => [id, Map.groupBy(all, (row) => row.type)]))
}

/** Everything known of a portal's properties of one type, archived ones too: one statement. */
export const propertiesOfType = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  type: string,
): Promise<PortalPropertyRow[]> => {
  const { rows } = await sql<PortalPropertyRow>`
    select ${COLUMNS} from customers.portal_properties
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and type = ${type} order by name`.execute(
    tx,
  )
  return rows
}

/** The same as the domain sees it. */
export const known = (rows: readonly PortalPropertyRow[]): Map<string, KnownProperty> =>
  new Map(
    rows.map((row) => [
      row.name,
      {
        name: row.name,
        label: row.label,
        description: row.description,
        kind: row.kind,
        fieldType: row.field_type,
        group: row.group_name,
        options: row.options,
        isReadOnly: row.is_read_only,
        isCalculated: row.is_calculated,
        isUnique: row.is_unique,
        isHidden: row.is_hidden,
        isHubSpotDefined: row.is_hubspot_defined,
        isSensitive: row.is_sensitive,
        isArchived: row.archived_at !== null,
        retypedFrom: row.retyped_from,
      },
    ]),
  )

/** Tells the properties that a portal works out by itself, and that nobody can write. */
export const derivedIn = (
  catalog: ReadonlyMap<string, readonly PortalPropertyRow[]>,
): ((type: string, name: string) => boolean) => {
  const derived = new Map(
    [...catalog].map(([type, rows]) => [
      type,
      new Set(rows.filter((row) => row.is_read_only || row.is_calculated).map((row) => row.name)),
    ]),
  )
  return (type, name) => derived.get(type)?.has(name) ?? false
}

/** A property as it is to be kept. */
export interface KeptProperty extends KnownProperty {
  type: string
  isRead: boolean
}

/** Writes properties, new and known ones: one statement. */
export const writeCatalog = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  properties: readonly KeptProperty[],
  at: Date,
): Promise<void> => {
  if (properties.length === 0) return
  const rows = properties.map((each) => ({
    type: each.type,
    name: each.name,
    label: each.label,
    description: each.description,
    kind: each.kind,
    field_type: each.fieldType,
    group_name: each.group,
    options: each.options,
    is_read_only: each.isReadOnly,
    is_calculated: each.isCalculated,
    is_unique: each.isUnique,
    is_hidden: each.isHidden,
    is_hubspot_defined: each.isHubSpotDefined,
    is_sensitive: each.isSensitive,
    is_read: each.isRead,
    retyped_from: each.retypedFrom,
    is_archived: each.isArchived,
  }))
  await sql`
    insert into customers.portal_properties as p (org_id, integration_id, type, name, label, description, kind, field_type, group_name,
      options, is_read_only, is_calculated, is_unique, is_hidden, is_hubspot_defined, is_sensitive, is_read, retyped_from, archived_at,
      first_seen_at, changed_at)
    select ${orgId}::uuid, ${integrationId}::uuid, r.type, r.name, r.label, r.description, r.kind, r.field_type, r.group_name, r.options,
      r.is_read_only, r.is_calculated, r.is_unique, r.is_hidden, r.is_hubspot_defined, r.is_sensitive, r.is_read, r.retyped_from,
      case when r.is_archived then ${at}::timestamptz end, ${at}::timestamptz, ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(type text, name text, label text, description text, kind text,
      field_type text, group_name text, options jsonb, is_read_only boolean, is_calculated boolean, is_unique boolean, is_hidden boolean,
      is_hubspot_defined boolean, is_sensitive boolean, is_read boolean, retyped_from text, is_archived boolean)
    on conflict (org_id, integration_id, type, name) do update set label = excluded.label, description = excluded.description,
      kind = excluded.kind, field_type = excluded.field_type, group_name = excluded.group_name, options = excluded.options,
      is_read_only = excluded.is_read_only, is_calculated = excluded.is_calculated, is_unique = excluded.is_unique, is_hidden = excluded.is_hidden,
      is_hubspot_defined = excluded.is_hubspot_defined, is_sensitive = excluded.is_sensitive, is_read = excluded.is_read,
      retyped_from = excluded.retyped_from, changed_at = excluded.changed_at,
      archived_at = case when excluded.archived_at is not null then coalesce(p.archived_at, excluded.archived_at) end`.execute(
    tx,
  )
}

/** Keeps what was noticed: one statement. */
export const writeChanges = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  changes: readonly (CatalogChange & { type: string })[],
  at: Date,
): Promise<void> => {
  if (changes.length === 0) return
  const rows = changes.map((change, n) => ({
    ...change,
    id: idFrom(integrationId, change.type, change.property, change.change, at.toISOString(), String(n)),
  }))
  await sql`
    insert into customers.property_changes (id, org_id, integration_id, type, property, label, change, was, becomes, at)
    select r.id, ${orgId}::uuid, ${integrationId}::uuid, r.type, r.property, r.label, r.change, r.was, r.becomes, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(id uuid, type text, property text, label text, change text, was text,
      becomes text)
    on conflict do nothing`.execute(tx)
}

/** Marks properties as being read from now on: one statement. */
export const markRead = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  type: string,
  names: readonly string[],
): Promise<void> => {
  if (names.length === 0) return
  await sql`
    update customers.portal_properties set is_read = true
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and type = ${type} and name = any(${names}::text[])
      and not is_read`.execute(tx)
}

/** A page of a portal's properties of one type, by name: one statement. */
export const listProperties = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  asked: { type: string; text: string | null; limit: number; after: string | null },
): Promise<PortalPropertyRow[]> => {
  const text = asked.text?.trim().toLowerCase()
  // A portal has some hundreds of properties of a type: no index is needed to look through them.
  const { rows } = await sql<PortalPropertyRow>`
    select ${COLUMNS} from customers.portal_properties
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and type = ${asked.type}
      ${asked.after === null ? sql`` : sql`and name > ${asked.after}`}
      ${text ? sql`and position(${text} in lower(name || ' ' || label || ' ' || group_name)) > 0` : sql``}
    order by name limit ${asked.limit}`.execute(tx)
  return rows
}

/** A page of what became of a portal's properties, newest first: one statement. */
export const listChanges = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  asked: { limit: number; after: readonly (string | number | null)[] | null },
): Promise<PropertyChangeRow[]> => {
  const [at, id] = asked.after ?? []
  const { rows } = await sql<PropertyChangeRow>`
    select id, type, property, label, change, was, becomes, at from customers.property_changes
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid
      ${asked.after ? sql`and (at, id) < (${at}::timestamptz, ${id}::uuid)` : sql``}
    order by at desc, id desc limit ${asked.limit}`.execute(tx)
  return rows
}
