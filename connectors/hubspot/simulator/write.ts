import type { ObjectType, PropertyDefinition } from '../wire.ts'
import { pair } from './edges.ts'
import { conflict, invalid, notFound, type WrongValue, wrongValues } from './errors.ts'
import type { Portal } from './portal.ts'
import { LIFECYCLE } from './properties.ts'
import type { Version } from './table.ts'

type Values = Record<string, string | null>

/** How a write is made: by a program through the API, or by a user, whose date may be set for a test. */
export interface WriteOptions {
  /** Instead of the portal's time, epoch milliseconds. */
  at?: number
}

const REQUIRED: Readonly<Record<ObjectType, readonly (readonly string[])[]>> = {
  companies: [['name', 'domain']],
  contacts: [],
  deals: [['dealname'], ['dealstage']],
  tickets: [['subject'], ['hs_pipeline_stage']],
}

/** Makes a record. Throws Refused with HubSpot's answer for what it would refuse. */
export const create = (
  portal: Portal,
  type: ObjectType,
  wanted: Values,
  options: WriteOptions = {},
): number => {
  const table = portal.tables[type]
  const values = checked(portal, type, wanted)
  for (const either of REQUIRED[type])
    if (!either.some((name) => values[name] != null))
      invalid(`Error creating ${type.slice(0, -1)}. Some required properties were not set.`, {
        category: 'MISSING_REQUIRED_PROPERTY',
        context: { properties: [...either] },
      })
  refuseTaken(portal, type, values, undefined)
  if (type === 'deals') values.pipeline ??= 'default'
  if (type === 'tickets') values.hs_pipeline ??= '0'
  const at = options.at ?? portal.now()
  return table.add(
    { properties: values, createdAt: at, modifiedAt: at, archivedAt: null, mergedInto: null },
    portal.indexTime(),
    portal.behaviour.indexLagMs,
  )
}

/** Changes a record's properties. The row must be live. Throws Refused. */
export const update = (
  portal: Portal,
  type: ObjectType,
  row: number,
  wanted: Values,
  options: WriteOptions = {},
): void => {
  const table = portal.tables[type]
  const values = checked(portal, type, wanted)
  refuseTaken(portal, type, values, row)
  const standing = table.standing(row)
  // A lifecycle stage only moves forward by API; a step back is dropped without a word.
  const stage = values.lifecyclestage
  if (stage != null && LIFECYCLE.indexOf(stage) < LIFECYCLE.indexOf(standing.properties.lifecyclestage ?? ''))
    delete values.lifecyclestage
  replace(portal, type, row, { properties: values, modifiedAt: options.at ?? portal.now() })
}

/** Archives a record; archiving it again changes nothing. */
export const archive = (portal: Portal, type: ObjectType, row: number, options: WriteOptions = {}): void => {
  if (!portal.tables[type].isLive(row)) return
  const at = options.at ?? portal.now()
  replace(portal, type, row, { archivedAt: at, modifiedAt: at })
}

/** Brings an archived record back. */
export const restore = (portal: Portal, type: ObjectType, row: number, options: WriteOptions = {}): void =>
  replace(portal, type, row, { archivedAt: null, modifiedAt: options.at ?? portal.now() })

/** Merges a record into another and answers the survivor's row, which is new when the portal behaves so. */
export const merge = (portal: Portal, type: ObjectType, primary: number, merged: number): number => {
  const table = portal.tables[type]
  if (primary === merged) invalid('Cannot merge a record with itself')
  const [winner, loser] = [table.standing(primary), table.standing(merged)]
  const values: Values = { ...loser.properties }
  for (const [name, value] of Object.entries(winner.properties)) if (value !== null) values[name] = value
  for (const name of ['createdate', 'hs_lastmodifieddate', 'lastmodifieddate', 'hs_object_id'])
    delete values[name]
  const isNew = portal.behaviour.mergedRecordId === 'new' && (type === 'companies' || type === 'contacts')
  values.hs_merged_object_ids = joined(
    winner.properties.hs_merged_object_ids,
    loser.properties.hs_merged_object_ids,
    loser.id,
    isNew ? winner.id : null,
  )
  if (type === 'contacts')
    values.hs_additional_emails = joined(
      winner.properties.hs_additional_emails,
      loser.properties.email,
      loser.properties.hs_additional_emails,
    )
  if (type === 'companies')
    values.hs_additional_domains = joined(
      winner.properties.hs_additional_domains,
      loser.properties.domain === winner.properties.domain ? null : loser.properties.domain,
      loser.properties.hs_additional_domains,
    )
  const [at, indexTime] = [portal.now(), portal.indexTime()]
  const createdAt = Math.min(winner.createdAt, loser.createdAt)
  const version: Version = {
    properties: values,
    createdAt,
    modifiedAt: at,
    archivedAt: null,
    mergedInto: null,
  }
  let survivor = primary
  if (isNew) {
    survivor = table.add(version, indexTime, portal.behaviour.indexLagMs)
    replace(portal, type, primary, { mergedInto: survivor, modifiedAt: at })
  } else table.put(primary, version, indexTime, portal.behaviour.indexLagMs)
  replace(portal, type, merged, { mergedInto: survivor, modifiedAt: at })
  moveEdges(portal, type, merged, survivor)
  if (isNew) moveEdges(portal, type, primary, survivor)
  return survivor
}

const moveEdges = (portal: Portal, type: ObjectType, from: number, to: number): void => {
  for (const other of ['companies', 'contacts', 'deals', 'tickets'] as const)
    for (const edge of portal.edges.of(type, from, other)) {
      portal.edges.remove(type, from, other, edge.row)
      if (!(other === type && edge.row === to)) portal.edges.add(type, to, other, edge.row, edge.typeIds)
    }
}

const joined = (...lists: (string | null | undefined)[]): string | null => {
  const parts = new Set(lists.flatMap((list) => (list == null || list === '' ? [] : list.split(';'))))
  return parts.size === 0 ? null : [...parts].join(';')
}

const replace = (portal: Portal, type: ObjectType, row: number, change: Partial<Version>): void => {
  const table = portal.tables[type]
  const old = table.version(row)
  const base: Version = old ?? {
    properties: {},
    createdAt: table.standing(row).createdAt,
    modifiedAt: 0,
    archivedAt: null,
    mergedInto: null,
  }
  table.put(
    row,
    { ...base, ...change, properties: { ...base.properties, ...change.properties } },
    portal.indexTime(),
    portal.behaviour.indexLagMs,
  )
}

/** Gives a record another modified time and nothing else, as a bulk edit does. */
export const touch = (portal: Portal, type: ObjectType, row: number, at: number): void =>
  replace(portal, type, row, { modifiedAt: at })

/** Associates two records by default: plain, and primary too when it is the first company of the record. */
export const associateByDefault = (
  portal: Portal,
  type: ObjectType,
  row: number,
  to: ObjectType,
  other: number,
): readonly number[] => {
  const ids = pair(type, to) ?? invalid(`No association is defined from ${type} to ${to}`)
  const first = ids.primary !== undefined && to === 'companies' && portal.edges.of(type, row, to).length === 0
  const typeIds = first ? [ids.plain, ids.primary!] : [ids.plain]
  portal.edges.add(type, row, to, other, typeIds)
  return typeIds
}

const checked = (portal: Portal, type: ObjectType, wanted: Values): Values => {
  const wrong: WrongValue[] = []
  const values: Values = {}
  for (const [name, raw] of Object.entries(wanted)) {
    const definition = portal.tables[type].definitions.get(name)
    const value = raw === null || raw === '' ? null : String(raw)
    const fault = definition === undefined ? unknown(name) : faultOf(definition, value)
    if (fault !== undefined) wrong.push(fault)
    values[name] = value
  }
  if (wrong.length > 0) wrongValues(wrong, Number(portal.id))
  return values
}

const unknown = (name: string): WrongValue => ({
  name,
  message: `Property "${name}" does not exist`,
  error: 'PROPERTY_DOESNT_EXIST',
})

const faultOf = (definition: PropertyDefinition, value: string | null): WrongValue | undefined => {
  const { name, type, options } = definition
  if (definition.modificationMetadata.readOnlyValue)
    return {
      name,
      message: `"${name}" is a read only property; its value cannot be set.`,
      error: 'READ_ONLY_VALUE',
    }
  if (value === null) return undefined
  if (type === 'number' && !Number.isFinite(Number(value)))
    return { name, message: `${value} was not a valid number.`, error: 'INVALID_INTEGER' }
  if ((type === 'date' || type === 'datetime') && Number.isNaN(instant(value)))
    return { name, message: `${value} was not a valid date.`, error: 'INVALID_DATE' }
  if (type === 'bool' && value !== 'true' && value !== 'false')
    return {
      name,
      message: `${value} was not one of the allowed options: [true, false]`,
      error: 'INVALID_OPTION',
    }
  if (type === 'enumeration' && options.length > 0) {
    const strange = value.split(';').find((v) => v !== '' && !options.some((o) => o.value === v))
    if (strange !== undefined)
      return {
        name,
        message: `${strange} was not one of the allowed options: ${JSON.stringify(options.map((o) => o.value))}`,
        error: 'INVALID_OPTION',
      }
  }
  if (name === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value))
    return { name, message: `Email address ${value} is invalid`, error: 'INVALID_EMAIL' }
  return undefined
}

/** Epoch milliseconds of a date as HubSpot takes it: ISO 8601, a calendar day, or epoch milliseconds. NaN otherwise. */
export const instant = (value: string): number => (/^-?\d+$/.test(value) ? Number(value) : Date.parse(value))

const refuseTaken = (portal: Portal, type: ObjectType, values: Values, own: number | undefined): void => {
  const table = portal.tables[type]
  for (const [name, value] of Object.entries(values)) {
    if (value === null || table.definitions.get(name)?.hasUniqueValue !== true) continue
    const taken = table.rowBy(name, value)
    if (taken === undefined || taken === own) continue
    if (name === 'email') conflict(`Contact already exists. Existing ID: ${table.idOf(taken)}`)
    invalid(`Property values were not valid: ${table.idOf(taken)} already has that value for ${name}.`)
  }
}

/**
 * The live row of an id. A merged id answers its survivor when `followMerges`; an archived or unknown one throws 404.
 */
export const liveRow = (portal: Portal, type: ObjectType, id: string, followMerges = true): number => {
  const row = findLive(portal, type, id, followMerges)
  return row ?? notFound('resource not found', { id: [id] })
}

/** The same, undefined instead of a 404. */
export const findLive = (
  portal: Portal,
  type: ObjectType,
  id: string,
  followMerges = true,
): number | undefined => {
  const table = portal.tables[type]
  let row = table.rowOf(id)
  while (row !== undefined && followMerges) {
    const into: number | null | undefined = table.version(row)?.mergedInto
    if (into == null) break
    row = into
  }
  return row !== undefined && table.isLive(row) ? row : undefined
}
