import * as z from 'zod'
import { VendorRefused, vendorAnswer } from '../contract.ts'
import type { Wire } from './http.ts'
import { path, query } from './read.ts'
import type { HubSpotGroup, HubSpotSchema, HubSpotSchemaAssociation, NewHubSpotSchema } from './record.ts'
import { property, read } from './setup.ts'

/** What a portal can be made to hold: object types of its own, and groups of properties. */
const SCHEMAS = '/crm-object-schemas/v3/schemas'

const word = z.string().catch('')
const names = z.array(z.string()).catch([])
const group = z.object({ name: z.string(), label: word, archived: z.boolean().catch(false) })

const association = z
  .object({
    id: z.coerce.string(),
    fromObjectTypeId: z.string(),
    toObjectTypeId: z.string(),
    name: z.string().optional().catch(undefined),
  })
  .transform(({ id, fromObjectTypeId: from, toObjectTypeId: to, name }) => ({ id, from, to, name }))

const schema = z
  .object({
    objectTypeId: z.string(),
    name: z.string(),
    fullyQualifiedName: word,
    labels: z.object({ singular: word, plural: word }),
    primaryDisplayProperty: z.string().optional().catch(undefined),
    requiredProperties: names,
    searchableProperties: names,
    properties: z.array(property),
    associations: z.array(association),
    archived: z.boolean().catch(false),
  })
  .transform(({ objectTypeId, primaryDisplayProperty, ...rest }) => ({
    ...rest,
    typeId: objectTypeId,
    primaryDisplayProperty,
  }))

/** See `HubSpot.groups`. */
export const readGroups = async (wire: Wire, type: string): Promise<HubSpotGroup[]> =>
  (
    await read(wire, path`/crm/v3/properties/${type}/groups`, (body) =>
      z.object({ results: z.array(group) }).parse(body),
    )
  ).results.filter(({ archived }) => !archived)

/** See `HubSpot.createGroup`. */
export const createGroup = async (
  wire: Wire,
  type: string,
  made: { name: string; label: string },
): Promise<boolean> => {
  try {
    await wire.send({
      counts: 'setup',
      method: 'POST',
      target: path`/crm/v3/properties/${type}/groups`,
      body: { name: made.name, label: made.label },
      write: true,
      check: (body) => group.parse(body),
    })
    return true
  } catch (error) {
    if (VendorRefused.is(error) && vendorAnswer(error)?.status === 409) return false
    throw error
  }
}

/** See `HubSpot.schemas`. */
export const readSchemas = async (wire: Wire, archived = false): Promise<HubSpotSchema[]> =>
  (
    await read(wire, SCHEMAS + query({ archived: archived || undefined }), (body) =>
      z.object({ results: z.array(schema) }).parse(body),
    )
  ).results

/** See `HubSpot.createSchema`. */
export const createSchema = (wire: Wire, made: NewHubSpotSchema): Promise<HubSpotSchema> =>
  wire.send({
    counts: 'setup',
    method: 'POST',
    target: SCHEMAS,
    body: made,
    write: true,
    check: (body) => schema.parse(body),
  })

/** See `HubSpot.createSchemaAssociation`. */
export const createSchemaAssociation = (
  wire: Wire,
  from: string,
  to: string,
  name?: string,
): Promise<HubSpotSchemaAssociation> =>
  wire.send({
    counts: 'setup',
    method: 'POST',
    target: SCHEMAS + path`/${from}/associations`,
    body: { fromObjectTypeId: from, toObjectTypeId: to, ...(name ? { name } : {}) },
    write: true,
    check: (body) => association.parse(body),
  })
