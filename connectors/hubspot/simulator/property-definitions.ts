import type { PropertyDefinition, PropertyKind, PropertyWrite } from '../setup-wire.ts'
import { conflict, invalid, notFound } from './errors.ts'
import type { Portal } from './portal.ts'

const FIELDS: Readonly<Record<PropertyKind, readonly string[]>> = {
  string: ['text', 'textarea', 'phonenumber', 'html', 'file', 'calculation_equation'],
  number: ['number', 'calculation_equation'],
  date: ['date'],
  datetime: ['date'],
  bool: ['booleancheckbox', 'calculation_equation'],
  enumeration: ['select', 'radio', 'checkbox', 'booleancheckbox', 'calculation_equation'],
}
const MOST_UNIQUE = 10
const MOST_CUSTOM = 1_000

/** Makes a property, or brings back an archived one of that name. Throws Refused. */
export const defineProperty = (portal: Portal, type: string, write: PropertyWrite): PropertyDefinition => {
  const table = portal.table(type)
  if (!/^[a-z][a-z0-9_]{0,99}$/.test(write.name ?? ''))
    return invalid(`"${write.name}" is not a valid property name`)
  if (table.definitions.has(write.name))
    return conflict(`A property named '${write.name}' already exists.`, {
      category: 'OBJECT_ALREADY_EXISTS',
      subCategory: 'Properties.PROPERTY_WITH_NAME_EXISTS',
    })
  checkShape(write)
  if (!write.label) return invalid('label is required')
  if (!table.groups.has(write.groupName)) return invalid(`Property group "${write.groupName}" does not exist`)
  const all = [...table.definitions.values()]
  if (write.hasUniqueValue === true && all.filter((other) => other.hasUniqueValue).length >= MOST_UNIQUE)
    return invalid(`At most ${MOST_UNIQUE} unique properties`)
  // Those that a seed has made up are many on purpose, and stand in for a portal that has come by them in years.
  const custom = all.filter(({ hubspotDefined, name }) => !hubspotDefined && !name.startsWith('made_up_'))
  if (custom.length >= MOST_CUSTOM) return invalid(`At most ${MOST_CUSTOM} custom properties`)
  const at = new Date(portal.now()).toISOString()
  const old = table.archivedDefinitions.get(write.name)
  const definition: PropertyDefinition = {
    description: '',
    displayOrder: -1,
    hasUniqueValue: false,
    hidden: false,
    formField: false,
    ...write,
    options: optionsOf(write.options),
    calculated: write.fieldType === 'calculation_equation',
    externalOptions: false,
    hubspotDefined: false,
    archived: false,
    createdAt: old?.createdAt ?? at,
    updatedAt: at,
    modificationMetadata: {
      archivable: true,
      readOnlyDefinition: false,
      readOnlyValue: write.fieldType === 'calculation_equation',
    },
  }
  table.definitions.set(write.name, definition)
  table.archivedDefinitions.delete(write.name)
  return definition
}

const checkShape = ({
  type,
  fieldType,
  options,
}: Pick<PropertyWrite, 'type' | 'fieldType' | 'options'>): void => {
  if (!Object.hasOwn(FIELDS, type)) invalid(`${type} is not a valid property type`)
  if (!FIELDS[type].includes(fieldType)) invalid(`fieldType ${fieldType} is not valid for type ${type}`)
  const values = (options ?? []).map((option) => option.value)
  if (fieldType === 'calculation_equation') return
  if (type === 'enumeration' && values.length === 0) invalid('An enumeration needs options')
  if (new Set(values).size < values.length) invalid('Option values must be unique')
  if (type === 'bool' && !(values.includes('true') && values.includes('false')))
    invalid('A bool needs the options true and false')
}

const optionsOf = (options: PropertyWrite['options']): PropertyDefinition['options'] =>
  (options ?? []).map((option, i) => ({
    ...option,
    displayOrder: option.displayOrder ?? i,
    hidden: option.hidden ?? false,
  }))

/** The definition of a property. Throws a 404. */
export const definitionOf = (portal: Portal, type: string, name: string): PropertyDefinition =>
  portal.table(type).definitions.get(name) ?? notFound(`Property "${name}" does not exist`)

/** What a portal's administrator may do, and HubSpot itself: any change of a definition. */
export const alterProperty = (
  portal: Portal,
  type: string,
  name: string,
  change: Partial<PropertyDefinition>,
): PropertyDefinition => {
  const old = definitionOf(portal, type, name)
  const definition = { ...old, ...change, name, updatedAt: new Date(portal.now()).toISOString() }
  portal.table(type).definitions.set(name, definition)
  return definition
}

const CHANGEABLE = [
  'label',
  'description',
  'groupName',
  'displayOrder',
  'hidden',
  'formField',
  'options',
  'type',
  'fieldType',
] as const

/** What the API may change of a property. Options that are sent replace the whole list. Throws Refused. */
export const patchProperty = (
  portal: Portal,
  type: string,
  name: string,
  change: Partial<PropertyWrite>,
): PropertyDefinition => {
  const old = definitionOf(portal, type, name)
  if (change.hasUniqueValue !== undefined && change.hasUniqueValue !== old.hasUniqueValue)
    return invalid('hasUniqueValue cannot be changed')
  const wanted = Object.fromEntries(
    CHANGEABLE.flatMap((field) => (change[field] === undefined ? [] : [[field, change[field]]])),
  ) as Partial<PropertyDefinition>
  if (old.modificationMetadata.readOnlyDefinition && (wanted.type ?? old.type) !== old.type)
    return invalid(`Property "${name}" is defined by HubSpot; its type cannot be changed`)
  if (wanted.groupName !== undefined && !portal.table(type).groups.has(wanted.groupName))
    return invalid(`Property group "${wanted.groupName}" does not exist`)
  if (change.options !== undefined) wanted.options = optionsOf(change.options)
  // HubSpot's own enumerations may be without options here, because their values come from elsewhere.
  if (
    change.type !== undefined ||
    change.fieldType !== undefined ||
    (change.options !== undefined && !old.hubspotDefined)
  )
    checkShape({ ...old, ...wanted })
  return alterProperty(portal, type, name, wanted)
}

/** Archives a property: no read or write knows it any more. Throws Refused. */
export const archiveProperty = (portal: Portal, type: string, name: string): void => {
  const table = portal.table(type)
  const old = definitionOf(portal, type, name)
  if (!old.modificationMetadata.archivable) invalid(`Property "${name}" cannot be archived`)
  if (table.inUse.has(name))
    invalid(`Property "${name}" is in use and cannot be deleted.`, {
      subCategory: 'PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE',
    })
  table.definitions.delete(name)
  const archivedAt = new Date(portal.now()).toISOString()
  table.archivedDefinitions.set(name, { ...old, archived: true, updatedAt: archivedAt })
}
