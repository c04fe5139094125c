import type { PortalPropertyResolvers, PropertyChangeResolvers } from '#schema/generated/customers.types.ts'
import { isPersonal } from '../domain/catalog.ts'
import { hubFields, type MappedType } from '../domain/hub-fields.ts'
import { mappingOf } from '../domain/mapping.ts'
import { objectOf } from '../domain/showing-mappings.ts'

export const PortalProperty: PortalPropertyResolvers = {
  type: (row) => row.kind,
  fieldType: (row) => row.field_type,
  group: (row) => row.group_name,
  readOnly: (row) => row.is_read_only,
  calculated: (row) => row.is_calculated,
  unique: (row) => row.is_unique,
  hidden: (row) => row.is_hidden,
  hubspotDefined: (row) => row.is_hubspot_defined,
  personal: (row) =>
    isPersonal(row.type, { name: row.name, fieldType: row.field_type, isSensitive: row.is_sensitive }),
  read: (row) => row.is_read,
  archived: (row) => row.archived_at !== null,
  firstSeenAt: (row) => row.first_seen_at,
  changedAt: (row) => row.changed_at,
  mappedTo: async (row, _, ctx) => {
    const type = row.type as MappedType
    const overrides = (await ctx.mapped.load(row.integration_id))?.overrides[type] ?? {}
    return Object.keys(hubFields(type)).filter((field) =>
      mappingOf(type, field, overrides).properties.includes(row.name),
    )
  },
}

export const PropertyChange: PropertyChangeResolvers = {
  objectType: (row) => objectOf(row.type as MappedType),
  noticedAt: (row) => row.at,
}
