import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import type { ObjectSchema, ObjectSchemaWrite, SchemaAssociation } from '../schema-wire.ts'
import { jsonBody } from './asking.ts'
import { conflict, errorReply, invalid, notFound } from './errors.ts'
import { customType } from './object-types.ts'
import type { Portal } from './portal.ts'
import { standardGroup } from './properties.ts'
import { defineProperty } from './property-definitions.ts'

const SEARCHABLE = 20
const ACTIVITIES = ['tasks', 'notes', 'calls']
const iso = (portal: Portal): string => new Date(portal.now()).toISOString()

/** `/crm-object-schemas/v3/schemas` and below. */
export const schemas = (portal: Portal, request: SimRequest, rest: readonly string[]): SimReply => {
  const [name, word, associationId] = rest
  const { method } = request
  const archived = request.query.get('archived') === 'true'
  if (name === undefined) {
    if (method === 'POST') return { status: 201, body: make(portal, jsonBody<ObjectSchemaWrite>(request)) }
    const results = portal.schemas.list(archived).map((schema) => shown(portal, schema))
    return method === 'GET' ? { status: 200, body: { results } } : methodNotAllowed()
  }
  if (word === 'associations') {
    const schema = schemaNamed(portal, name)
    if (associationId === undefined && method === 'POST')
      return { status: 201, body: associate(portal, schema, request) }
    if (associationId === undefined || method !== 'DELETE') return notFound()
    portal.associations.disconnect(schema.objectTypeId, Number(associationId))
    const associations = schema.associations.filter(({ id }) => id !== associationId)
    portal.schemas.put({ ...schema, associations })
    return { status: 204 }
  }
  if (word !== undefined) return notFound()
  if (method === 'GET') return { status: 200, body: shown(portal, schemaNamed(portal, name)) }
  if (method === 'PATCH') return { status: 200, body: change(portal, schemaNamed(portal, name), request) }
  return method === 'DELETE' ? remove(portal, name, archived) : methodNotAllowed()
}

const methodNotAllowed = (): SimReply =>
  errorReply(405, { message: 'HTTP 405 Method Not Allowed', category: 'METHOD_NOT_ALLOWED' })

const schemaNamed = (portal: Portal, name: string): ObjectSchema => {
  const type = portal.typeNamed(name)
  if (type === undefined) return notFound(`Unable to infer object type from: ${name}`)
  return portal.schemas.find(type) ?? standard(portal, type)
}

// HubSpot's own types can be asked for like made-up ones, and changed in little.
const standard = (portal: Portal, type: string): ObjectSchema => {
  const { facts, definitions } = portal.table(type)
  const at = '2024-01-01T00:00:00.000Z'
  return {
    id: facts.typeId,
    objectTypeId: facts.typeId,
    fullyQualifiedName: facts.singular.toUpperCase(),
    name: facts.singular.toUpperCase(),
    labels: { singular: facts.singular, plural: facts.name },
    secondaryDisplayProperties: [],
    requiredProperties: [...new Set(facts.required.flat())],
    searchableProperties: [...facts.defaultProperties],
    properties: [...definitions.values()],
    associations: [],
    archived: false,
    restorable: true,
    createdAt: at,
    updatedAt: at,
  }
}

const shown = (portal: Portal, schema: ObjectSchema): ObjectSchema =>
  schema.archived
    ? schema
    : {
        ...schema,
        properties: [...portal.table(portal.typeNamed(schema.objectTypeId)!).definitions.values()],
      }

const make = (portal: Portal, write: ObjectSchemaWrite): ObjectSchema => {
  if (!/^[a-z][a-z0-9_]*$/i.test(write.name ?? ''))
    return invalid(`"${write.name}" is not a valid object name`)
  if (portal.schemas.named(write.name) !== undefined)
    return conflict(`Object type with name ${write.name} already exists.`, {
      category: 'OBJECT_ALREADY_EXISTS',
    })
  if (!write.labels?.singular || !write.labels.plural)
    return invalid('labels.singular and labels.plural are required')
  const properties = write.properties ?? []
  const known = new Set(properties.map(({ name }) => name))
  const named = [
    ...(write.primaryDisplayProperty === undefined ? [] : [write.primaryDisplayProperty]),
    ...(write.requiredProperties ?? []),
    ...(write.searchableProperties ?? []),
    ...(write.secondaryDisplayProperties ?? []),
  ]
  const unknown = named.find((name) => !known.has(name))
  if (unknown !== undefined) return invalid(`Property ${unknown} is not defined in the schema`)
  if ((write.searchableProperties ?? []).length > SEARCHABLE)
    return invalid(`At most ${SEARCHABLE} searchable properties`)
  const targets = (write.associatedObjects ?? []).map(
    (name) => portal.typeNamed(name) ?? invalid(`Unable to infer object type from: ${name}`),
  )
  const number = portal.schemas.newNumber()
  const facts = {
    ...customType(number, portal.id, write.name),
    required: (write.requiredProperties ?? []).map((name) => [name]),
  }
  const table = portal.addType(facts, [`p_${write.name}`])
  try {
    for (const property of properties)
      defineProperty(portal, facts.name, {
        ...property,
        groupName: property.groupName ?? standardGroup(facts.name),
      })
  } catch (error) {
    portal.removeType(facts.name)
    throw error
  }
  const at = iso(portal)
  const schema: ObjectSchema = {
    id: String(number),
    objectTypeId: facts.typeId,
    fullyQualifiedName: facts.singular,
    name: write.name,
    labels: write.labels,
    ...(write.description === undefined ? {} : { description: write.description }),
    ...(write.primaryDisplayProperty === undefined
      ? {}
      : { primaryDisplayProperty: write.primaryDisplayProperty }),
    secondaryDisplayProperties: write.secondaryDisplayProperties ?? [],
    requiredProperties: write.requiredProperties ?? [],
    searchableProperties: write.searchableProperties ?? [],
    properties: [...table.definitions.values()],
    associations: [...new Set([...targets, ...ACTIVITIES])].map((to) =>
      connected(portal, facts.name, to, at),
    ),
    archived: false,
    restorable: true,
    createdAt: at,
    updatedAt: at,
  }
  portal.schemas.put(schema)
  return schema
}

const connected = (
  portal: Portal,
  from: string,
  to: string,
  at: string,
  name?: string,
): SchemaAssociation => {
  const [source, target] = [portal.factsOf(from), portal.factsOf(to)]
  const title = name ?? `${source.singular}_to_${target.singular}`
  const { typeId } = portal.associations.connect(from, to, title)
  return {
    id: String(typeId),
    fromObjectTypeId: source.typeId,
    toObjectTypeId: target.typeId,
    name: title,
    createdAt: at,
    updatedAt: at,
  }
}

const associate = (portal: Portal, schema: ObjectSchema, request: SimRequest): SchemaAssociation => {
  const write = jsonBody<{ fromObjectTypeId?: string; toObjectTypeId?: string; name?: string }>(request)
  const [from, to] = [write.fromObjectTypeId, write.toObjectTypeId].map(
    (name) => portal.typeNamed(name ?? '') ?? invalid(`Unable to infer object type from: ${name}`),
  )
  const made = connected(portal, from!, to!, iso(portal), write.name)
  if (portal.schemas.find(schema.objectTypeId) !== undefined)
    portal.schemas.put({ ...schema, associations: [...schema.associations, made] })
  return made
}

const CHANGEABLE = [
  'labels',
  'description',
  'primaryDisplayProperty',
  'secondaryDisplayProperties',
  'requiredProperties',
  'searchableProperties',
  'restorable',
] as const

// The answer leaves out the properties and associations, which a change does not touch.
const change = (
  portal: Portal,
  schema: ObjectSchema,
  request: SimRequest,
): Omit<ObjectSchema, 'properties' | 'associations'> => {
  const write = jsonBody<Partial<ObjectSchemaWrite>>(request)
  if (write.name !== undefined && write.name !== schema.name) return invalid('name cannot be changed')
  const wanted = Object.fromEntries(
    CHANGEABLE.flatMap((name) => (write[name] === undefined ? [] : [[name, write[name]]])),
  )
  const table = portal.table(portal.typeNamed(schema.objectTypeId)!)
  const unknown = (write.requiredProperties ?? []).find((name) => !table.definitions.has(name))
  if (unknown !== undefined) return invalid(`Property ${unknown} does not exist`)
  if (write.requiredProperties !== undefined)
    table.facts.required = write.requiredProperties.map((name) => [name])
  const changed: ObjectSchema = { ...schema, ...wanted, updatedAt: iso(portal) }
  if (portal.schemas.find(schema.objectTypeId) !== undefined) portal.schemas.put(changed)
  const { properties: _, associations: __, ...definition } = changed
  return definition
}

const remove = (portal: Portal, name: string, archived: boolean): SimReply => {
  if (archived) {
    // For good: only now may the name be used again.
    const gone = portal.schemas.list(true).find((schema) => namesOf(schema).includes(name)) ?? notFound()
    portal.schemas.purge(gone.objectTypeId)
    return { status: 204 }
  }
  const schema = schemaNamed(portal, name)
  if (portal.schemas.find(schema.objectTypeId) === undefined)
    return errorReply(400, { category: 'VALIDATION_ERROR', message: `${name} cannot be deleted` })
  const table = portal.table(schema.objectTypeId)
  for (let row = 0; row < table.size; row += 1)
    if (table.isLive(row))
      invalid(`Object type ${name} cannot be deleted while it has records`, {
        subCategory: 'ObjectSchemaError.OBJECT_TYPE_HAS_RECORDS',
      })
  portal.schemas.put({ ...shown(portal, schema), archived: true })
  portal.removeType(schema.objectTypeId)
  return { status: 204 }
}

const namesOf = ({ name, objectTypeId, fullyQualifiedName }: ObjectSchema): string[] => [
  objectTypeId,
  fullyQualifiedName,
  `p_${name}`,
  name,
]
