/** HubSpot's words for object types that a portal has made up, and for what may be said between types. */
import type { PropertyDefinition, PropertyWrite } from './setup-wire.ts'
import type { AssociationCategory } from './wire.ts'

/** A made-up object type. `objectTypeId` (`2-4711`) is what paths take; what `id` holds differs by version. */
export interface ObjectSchema {
  id: string
  objectTypeId: string
  fullyQualifiedName: string
  /** Can never be changed. */
  name: string
  labels: { singular?: string; plural?: string }
  description?: string
  primaryDisplayProperty?: string
  secondaryDisplayProperties: string[]
  requiredProperties: string[]
  searchableProperties: string[]
  properties: PropertyDefinition[]
  associations: SchemaAssociation[]
  archived: boolean
  restorable: boolean
  createdAt: string
  updatedAt: string
}

export interface SchemaAssociation {
  id: string
  fromObjectTypeId: string
  toObjectTypeId: string
  name: string
  createdAt: string
  updatedAt: string
}

export interface ObjectSchemaWrite {
  name: string
  labels: { singular?: string; plural?: string }
  description?: string
  primaryDisplayProperty?: string
  secondaryDisplayProperties?: string[]
  requiredProperties?: string[]
  searchableProperties?: string[]
  properties?: (Omit<PropertyWrite, 'groupName'> & { groupName?: string })[]
  /** Names or numbers of types. */
  associatedObjects?: string[]
  restorable?: boolean
}

/** How many records one record may be associated with by a type. */
export interface AssociationConfiguration {
  category: AssociationCategory
  typeId: number
  label?: string
  fromObjectTypeId: string
  toObjectTypeId: string
  userEnforcedMaxToObjectIds?: number
}
