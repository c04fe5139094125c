import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import type { ObjectType, OwnerPage, PropertyDefinition, PropertyWrite } from '../wire.ts'
import { jsonBody, numberOf } from './asking.ts'
import { conflict, invalid, notFound } from './errors.ts'
import { accountDetails, OWNERS, PIPELINES } from './facts.ts'
import type { Portal } from './portal.ts'

/** `GET /crm/v3/owners/` */
export const owners = (request: SimRequest): SimReply => {
  const limit = numberOf(request, 'limit', 100, 500)
  const after = Number(request.query.get('after') ?? '0')
  const archived = request.query.get('archived') === 'true'
  const email = request.query.get('email')
  const all = OWNERS.filter(
    (owner) => owner.archived === archived && (email === null || email === '' || owner.email === email),
  )
  const end = after + limit
  const body: OwnerPage = { results: all.slice(after, end) }
  if (end < all.length)
    body.paging = {
      next: { after: String(end), link: `https://api.hubapi.com/crm/v3/owners/?after=${end}` },
    }
  return { status: 200, body }
}

/** `GET /crm/v3/owners/{id}` */
export const owner = (request: SimRequest, id: string): SimReply => {
  const by = request.query.get('idProperty') === 'userId' ? 'userIdIncludingInactive' : 'id'
  const found = OWNERS.find((candidate) => String(candidate[by]) === id)
  return { status: 200, body: found ?? notFound('resource not found', { id: [id] }) }
}

/** `GET /crm/v3/pipelines/{t}` and below it. */
export const pipelines = (type: ObjectType, rest: readonly string[]): SimReply => {
  const all = type === 'deals' || type === 'tickets' ? PIPELINES[type] : []
  const [id, word, stageId] = rest
  if (id === undefined) return { status: 200, body: { results: all } }
  const pipeline = all.find((candidate) => candidate.id === id) ?? notFound()
  if (word === undefined) return { status: 200, body: pipeline }
  if (word !== 'stages') return notFound()
  if (stageId === undefined) return { status: 200, body: { results: pipeline.stages } }
  return { status: 200, body: pipeline.stages.find((stage) => stage.id === stageId) ?? notFound() }
}

/** `GET /account-info/v3/details` */
export const account = (portal: Portal): SimReply => ({
  status: 200,
  body: accountDetails(Number(portal.id)),
})

/** `GET /crm/v3/properties/{t}` */
export const properties = (portal: Portal, type: ObjectType, request: SimRequest): SimReply => {
  const archived = request.query.get('archived') === 'true'
  const results = [...portal.tables[type].definitions.values()].filter((d) => d.archived === archived)
  return { status: 200, body: { results: archived ? archivedOf(portal, type) : results } }
}

/** `GET /crm/v3/properties/{t}/{name}` */
export const property = (portal: Portal, type: ObjectType, request: SimRequest, name: string): SimReply => {
  const wantsArchived = request.query.get('archived') === 'true'
  const found = wantsArchived
    ? archivedOf(portal, type).find((d) => d.name === name)
    : portal.tables[type].definitions.get(name)
  return { status: 200, body: found ?? notFound(`Property "${name}" does not exist`) }
}

// Archived definitions leave the table, so that no read or write knows them; they are kept here.
const archivedDefinitions = new WeakMap<object, PropertyDefinition[]>()
const archivedOf = (portal: Portal, type: ObjectType): PropertyDefinition[] =>
  archivedDefinitions.get(portal.tables[type]) ?? []

/** `POST /crm/v3/properties/{t}`: makes a property, or restores an archived one of that name. */
export const addProperty = (portal: Portal, type: ObjectType, request: SimRequest): SimReply => {
  const write = jsonBody<PropertyWrite>(request)
  const { definitions } = portal.tables[type]
  if (!/^[a-z][a-z0-9_]{0,99}$/.test(write.name ?? ''))
    return invalid(`"${write.name}" is not a valid property name`)
  if (definitions.has(write.name))
    return conflict(`A property named '${write.name}' already exists.`, {
      category: 'OBJECT_ALREADY_EXISTS',
      subCategory: 'Properties.PROPERTY_WITH_NAME_EXISTS',
    })
  const at = new Date(portal.now()).toISOString()
  const definition: PropertyDefinition = {
    description: '',
    options: [],
    displayOrder: -1,
    hasUniqueValue: false,
    hidden: false,
    formField: false,
    ...write,
    calculated: false,
    externalOptions: false,
    hubspotDefined: false,
    archived: false,
    createdAt: at,
    updatedAt: at,
    modificationMetadata: { archivable: true, readOnlyDefinition: false, readOnlyValue: false },
  }
  definitions.set(write.name, definition)
  forget(portal, type, write.name)
  return { status: 201, body: definition }
}

const forget = (portal: Portal, type: ObjectType, name: string): void => {
  archivedDefinitions.set(
    portal.tables[type],
    archivedOf(portal, type).filter((d) => d.name !== name),
  )
}

/** `PATCH /crm/v3/properties/{t}/{name}`; by the control plane also what HubSpot's users may do and its API may not. */
export const changeProperty = (
  portal: Portal,
  type: ObjectType,
  name: string,
  change: Partial<PropertyWrite>,
): SimReply => {
  const { definitions } = portal.tables[type]
  const old = definitions.get(name) ?? notFound(`Property "${name}" does not exist`)
  const definition = { ...old, ...change, name, updatedAt: new Date(portal.now()).toISOString() }
  definitions.set(name, definition)
  return { status: 200, body: definition }
}

/** `DELETE /crm/v3/properties/{t}/{name}` */
export const archiveProperty = (portal: Portal, type: ObjectType, name: string): SimReply => {
  const { definitions } = portal.tables[type]
  const old = definitions.get(name) ?? notFound(`Property "${name}" does not exist`)
  if (!old.modificationMetadata.archivable) return invalid(`Property "${name}" cannot be archived`)
  definitions.delete(name)
  archivedDefinitions.set(portal.tables[type], [...archivedOf(portal, type), { ...old, archived: true }])
  return { status: 204 }
}
