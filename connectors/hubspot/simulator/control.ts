import { ControlRefusal, controlBody, type SimReply, type SimRequest } from '#connectors/simulator/index.ts'
import type { PropertyDefinition } from '../setup-wire.ts'
import { OBJECT_TYPES } from '../wire.ts'
import { asControl, changeAll, type Import, importRecords, typeOf } from './changes.ts'
import { EDITIONS, type Edition } from './editions.ts'
import { isGenerated } from './object-types.ts'
import type { Portal, PortalSeed } from './portal.ts'
import { alterProperty } from './property-definitions.ts'
import { v4Records } from './render.ts'

/**
 * Control calls of HubSpot alone; `?portal=` names the portal, the first is taken without.
 * - `GET records/{type}?after=&limit=&ids=&associations=companies,contacts` every record with every property, archived and merged ones too
 * - `POST records/{type}` one change or a list of changes, as a user of the portal would make them (see `Change`)
 * - `POST import/{type}` `{ create, update, from, properties }` changes many records at once, as an import does (see `Import`)
 * - `POST seed` `{ seed, companies, customProperties: { contacts: 1000 } }` starts the portal over
 * - `POST properties/{type}` `{ name, type?, label?, … }`, `{ name, archived: true }`, `{ name, inUse: true }`, `{ name, required: true }` or
 *   `{ name, required: { property, values } }` changes a definition, or what writes are held to, as an administrator would
 * - `GET account` and `POST account` `{ edition }` what the account was bought as
 * - `GET timeline` the timeline events that apps have made
 */
export const controlCall = (portal: Portal, request: SimRequest, path: string): SimReply | undefined => {
  const [what, name = ''] = path.split('/')
  if (what === 'seed') return reseed(portal, request)
  if (what === 'account') return account(portal, request)
  if (what === 'timeline') return { status: 200, body: { results: portal.timeline.list() } }
  if (what !== 'records' && what !== 'properties' && what !== 'import') return undefined
  const type = typeOf(portal, name)
  const body = () => controlBody(request)
  if (what === 'properties') return redefine(portal, type, body())
  if (what === 'import') return { status: 200, body: importRecords(portal, type, body() as Import) }
  if (request.method === 'GET') return { status: 200, body: records(portal, type, request) }
  const wanted = body()
  return { status: 200, body: { results: changeAll(portal, type, wanted.list ?? [wanted]) } }
}

const PAGE = 20_000

const records = (portal: Portal, type: string, request: SimRequest) => {
  const table = portal.table(type)
  const ids = request.query.get('ids')
  const from = Number(request.query.get('after') ?? '0')
  const end = Math.min(table.size, from + Number(request.query.get('limit') ?? PAGE))
  const rows =
    ids === null
      ? Array.from({ length: Math.max(0, end - from) }, (_, i) => from + i).filter(
          (row) => !table.isPurged(row),
        )
      : ids.split(',').flatMap((id) => table.rowOf(id) ?? [])
  const towards = (request.query.get('associations') ?? '')
    .split(',')
    .flatMap((name) => portal.typeNamed(name) ?? [])
  return {
    total: table.size,
    results: rows.map((row) => dump(portal, type, row, towards)),
    ...(ids === null && end < table.size ? { paging: { next: { after: String(end) } } } : {}),
  }
}

const dump = (portal: Portal, type: string, row: number, towards: readonly string[]) => {
  const table = portal.table(type)
  const standing = table.standing(row)
  const properties = Object.fromEntries(
    [...table.definitions.keys()].map((name) => [name, table.value(standing, name) ?? null]),
  )
  return {
    id: standing.id,
    properties,
    createdAt: standing.created,
    updatedAt: standing.modified,
    archived: standing.archivedAt !== null,
    archivedAt: standing.archivedAt === null ? undefined : new Date(standing.archivedAt).toISOString(),
    mergedInto: standing.mergedInto === null ? undefined : table.idOf(standing.mergedInto),
    associations:
      towards.length === 0
        ? undefined
        : Object.fromEntries(
            towards.map((to) => [
              to,
              v4Records(portal, type, row, to).map((edge) => ({
                id: String(edge.toObjectId),
                typeIds: edge.associationTypes.map((label) => label.typeId),
              })),
            ]),
          ),
  }
}

const reseed = (portal: Portal, request: SimRequest): SimReply => {
  const body = controlBody(request) as Partial<PortalSeed>
  portal.reseed({ ...portal.seed, ...body, anchor: portal.seed.anchor })
  return {
    status: 200,
    body: Object.fromEntries(OBJECT_TYPES.filter(isGenerated).map((type) => [type, portal.table(type).size])),
  }
}

const account = (portal: Portal, request: SimRequest): SimReply => {
  if (request.method === 'POST') {
    const { edition } = controlBody(request)
    if (!EDITIONS.includes(edition as Edition))
      throw new ControlRefusal(`the edition is one of ${EDITIONS.join(', ')}`)
    portal.edition = edition as Edition
  }
  return { status: 200, body: { portalId: Number(portal.id), name: portal.name, edition: portal.edition } }
}

const conditionOf = (required: unknown): { property: string; values: string[] } | undefined => {
  if (required === true) return undefined
  const { property, values } = (required ?? {}) as { property?: unknown; values?: unknown }
  if (typeof property !== 'string' || !Array.isArray(values))
    throw new ControlRefusal('required takes true, false or { property, values }')
  return { property, values: values.map(String) }
}

const redefine = (portal: Portal, type: string, body: Record<string, unknown>): SimReply => {
  const { name, archived, inUse, required, ...change } = body
  const table = portal.table(type)
  if (typeof name !== 'string' || !table.definitions.has(name))
    throw new ControlRefusal(`there is no property ${String(name)} of ${type}`)
  if (typeof inUse === 'boolean') table.inUse[inUse ? 'add' : 'delete'](name)
  if (required === false) table.wanted.delete(name)
  else if (required !== undefined) table.wanted.set(name, conditionOf(required))
  if (archived !== true) {
    const definition = asControl(() =>
      alterProperty(portal, type, name, change as Partial<PropertyDefinition>),
    )
    return { status: 200, body: definition }
  }
  table.archivedDefinitions.set(name, { ...table.definitions.get(name)!, archived: true })
  table.definitions.delete(name)
  return { status: 204 }
}
