import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import type { PropertyDefinition, PropertyGroup, PropertyWrite } from '../setup-wire.ts'
import type { BatchError } from '../wire.ts'
import { inputsOf, jsonBody } from './asking.ts'
import { batchReply } from './batch-answer.ts'
import { asBatchError, conflict, errorReply, invalid, notFound, Refused } from './errors.ts'
import type { Portal } from './portal.ts'
import { archiveProperty, defineProperty, definitionOf, patchProperty } from './property-definitions.ts'

/** `/crm/v3/properties/{t}` and below. */
export const properties = (
  portal: Portal,
  type: string,
  request: SimRequest,
  rest: readonly string[],
): SimReply => {
  const [name, word] = rest
  const { method } = request
  const table = portal.table(type)
  const archived = request.query.get('archived') === 'true'
  if (name === undefined) {
    if (method === 'GET')
      return {
        status: 200,
        body: {
          results: [...(archived ? table.archivedDefinitions : table.definitions).values()].map((each) =>
            withStages(portal, type, each),
          ),
        },
      }
    return method === 'POST'
      ? { status: 201, body: defineProperty(portal, type, jsonBody<PropertyWrite>(request)) }
      : methodNotAllowed()
  }
  if (name === 'groups') return groups(portal, type, request, word)
  if (name === 'batch' && word !== undefined && method === 'POST') return batch(portal, type, request, word)
  if (word !== undefined) return notFound()
  if (method === 'GET') return { status: 200, body: read(portal, type, name, archived) }
  if (method === 'PATCH')
    return {
      status: 200,
      body: patchProperty(portal, type, name, jsonBody<Partial<PropertyWrite>>(request)),
    }
  if (method !== 'DELETE') return methodNotAllowed()
  archiveProperty(portal, type, name)
  return { status: 204 }
}

const methodNotAllowed = (): SimReply =>
  errorReply(405, { message: 'HTTP 405 Method Not Allowed', category: 'METHOD_NOT_ALLOWED' })

// What a deal or ticket may be in changes with the pipelines, without anybody touching the property.
const withStages = (portal: Portal, type: string, definition: PropertyDefinition): PropertyDefinition => {
  const options = portal.pipelines.optionsOf(type, definition.name)
  return options === undefined ? definition : { ...definition, options }
}

const read = (portal: Portal, type: string, name: string, archived: boolean): PropertyDefinition =>
  archived
    ? (portal.table(type).archivedDefinitions.get(name) ?? notFound(`Property "${name}" does not exist`))
    : withStages(portal, type, definitionOf(portal, type, name))

const batch = (portal: Portal, type: string, request: SimRequest, word: string): SimReply => {
  const { archived } = jsonBody<{ archived?: boolean }>(request)
  const inputs = inputsOf<PropertyWrite>(request, 100)
  if (word === 'archive') {
    for (const { name } of inputs) archiveProperty(portal, type, name)
    return { status: 204 }
  }
  if (word !== 'read' && word !== 'create') return notFound()
  const results: PropertyDefinition[] = []
  const errors: BatchError[] = []
  for (const input of inputs)
    try {
      results.push(
        word === 'read'
          ? read(portal, type, input.name, archived === true)
          : defineProperty(portal, type, input),
      )
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      errors.push(asBatchError(error, { name: [input.name] }))
    }
  return batchReply(portal, results, errors, word === 'read' ? 200 : 201)
}

const groups = (portal: Portal, type: string, request: SimRequest, name: string | undefined): SimReply => {
  const { groups, definitions } = portal.table(type)
  const { method } = request
  if (name === undefined) {
    if (method === 'GET') return { status: 200, body: { results: [...groups.values()] } }
    return method === 'POST' ? addGroup(groups, jsonBody<PropertyGroup>(request)) : methodNotAllowed()
  }
  const old = groups.get(name) ?? notFound(`Property group "${name}" does not exist`)
  if (method === 'GET') return { status: 200, body: old }
  if (method === 'PATCH') {
    const { label = old.label, displayOrder = old.displayOrder } = jsonBody<Partial<PropertyGroup>>(request)
    groups.set(name, { ...old, label, displayOrder })
    return { status: 200, body: groups.get(name) }
  }
  if (method !== 'DELETE') return methodNotAllowed()
  if ([...definitions.values()].some((property) => property.groupName === name))
    return invalid(`Property group "${name}" has active properties and cannot be deleted.`, {
      subCategory: 'PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES',
    })
  groups.delete(name)
  return { status: 204 }
}

const addGroup = (
  groups: Map<string, PropertyGroup>,
  { name, label, displayOrder }: PropertyGroup,
): SimReply => {
  if (!/^[a-z][a-z0-9_]*$/.test(name ?? '')) return invalid(`"${name}" is not a valid group name`)
  if (!label) return invalid('label is required')
  if (groups.has(name))
    return conflict(`A property group named '${name}' already exists.`, {
      category: 'OBJECT_ALREADY_EXISTS',
      subCategory: 'PropertyGroupError.GROUP_WITH_NAME_EXISTS',
    })
  const group: PropertyGroup = { name, label, displayOrder: displayOrder ?? -1, archived: false }
  groups.set(name, group)
  return { status: 201, body: group }
}
