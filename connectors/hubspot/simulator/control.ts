import { ControlRefusal, controlBody, type SimReply, type SimRequest } from '#connectors/simulator/index.ts'
import { OBJECT_TYPES, type ObjectType, type PropertyWrite } from '../wire.ts'
import { typeNamed } from './asking.ts'
import { Refused } from './errors.ts'
import { changeProperty } from './metadata.ts'
import type { Portal, PortalSeed } from './portal.ts'
import { v4Records } from './render.ts'
import {
  archive,
  associateByDefault,
  create,
  findLive,
  instant,
  merge,
  restore,
  touch,
  update,
} from './write.ts'

/**
 * Control calls of HubSpot alone; `?portal=` names the portal, the first is taken without.
 * - `GET records/{type}?after=&limit=&ids=&associations=companies,contacts` every record with every property, archived and merged ones too
 * - `POST records/{type}` one change or a list of changes, as a user of the portal would make them (see `Change`)
 * - `POST seed` `{ seed, companies, customProperties: { contacts: 1000 } }` starts the portal over
 * - `POST properties/{type}` `{ name, type?, label?, … }` or `{ name, archived: true }` changes a definition as an administrator would
 */
export const controlCall = (portal: Portal, request: SimRequest, path: string): SimReply | undefined => {
  const [what, name = ''] = path.split('/')
  if (what === 'seed') return reseed(portal, request)
  if (what !== 'records' && what !== 'properties') return undefined
  const type = typeNamed(name)
  if (type === undefined) throw new ControlRefusal(`${name} is not one of ${OBJECT_TYPES.join(', ')}`)
  if (what === 'properties') return redefine(portal, type, controlBody(request))
  if (request.method === 'GET') return { status: 200, body: records(portal, type, request) }
  const body = controlBody(request)
  const results = changeAll(portal, type, body.list ?? [body])
  return { status: 200, body: { results } }
}

/**
 * What a user does. Without `id` the record is made. `at` sets the modified time (ISO 8601 or milliseconds) instead of the portal's own.
 * `touch: n` gives the first n generated records (from `from`) the modified time `at`, the same for all, as a bulk edit does.
 */
interface Change {
  id?: string
  properties?: Record<string, string | null>
  at?: string | number
  archive?: boolean
  restore?: boolean
  /** The record that goes up in this one. */
  merge?: string
  associate?: { to: string; id: string; primary?: boolean }
  dissociate?: { to: string; id: string }
  touch?: number
  from?: number
}

/** Plays changes in order and answers the records they concerned. Throws ControlRefusal for what HubSpot would refuse. */
export const changeAll = (portal: Portal, typeName: string, changes: unknown): { id: string }[] => {
  const type = typeNamed(typeName)
  if (type === undefined || !Array.isArray(changes))
    throw new ControlRefusal('changes need a type and a list')
  return changes.map((change: Change) => {
    try {
      return { id: changeOne(portal, type, change) }
    } catch (error) {
      if (error instanceof Refused) throw new ControlRefusal(JSON.stringify(error.reply.body))
      throw error
    }
  })
}

const changeOne = (portal: Portal, type: ObjectType, change: Change): string => {
  const table = portal.tables[type]
  const at = change.at === undefined ? undefined : instant(String(change.at))
  const options = at === undefined ? {} : { at }
  if (change.touch !== undefined) {
    const from = change.from ?? 0
    for (let row = from; row < Math.min(from + change.touch, table.size); row += 1)
      touch(portal, type, row, at ?? portal.now())
    return table.idOf(from)
  }
  if (change.id === undefined) return table.idOf(create(portal, type, change.properties ?? {}, options))
  const row = table.rowOf(change.id)
  if (row === undefined) throw new ControlRefusal(`there is no record ${change.id} of type ${type}`)
  if (change.properties !== undefined) update(portal, type, row, change.properties, options)
  if (change.archive === true) archive(portal, type, row, options)
  if (change.restore === true) restore(portal, type, row, options)
  if (change.associate !== undefined) relate(portal, type, row, change.associate, true)
  if (change.dissociate !== undefined) relate(portal, type, row, change.dissociate, false)
  if (
    change.properties === undefined &&
    at !== undefined &&
    change.archive !== true &&
    change.restore !== true
  )
    touch(portal, type, row, at)
  if (change.merge === undefined) return change.id
  const merged = findLive(portal, type, change.merge)
  if (merged === undefined) throw new ControlRefusal(`there is no live record ${change.merge} to merge`)
  return table.idOf(merge(portal, type, row, merged))
}

const relate = (
  portal: Portal,
  type: ObjectType,
  row: number,
  { to, id, primary }: { to: string; id: string; primary?: boolean },
  add: boolean,
): void => {
  const other = typeNamed(to)
  const target = other === undefined ? undefined : portal.tables[other].rowOf(id)
  if (other === undefined || target === undefined) throw new ControlRefusal(`there is no ${to} ${id}`)
  if (!add) {
    portal.edges.remove(type, row, other, target)
    return
  }
  const ids = associateByDefault(portal, type, row, other, target)
  const primaryId = primary === true ? PRIMARY[`${type}>${other}`] : undefined
  if (primaryId !== undefined) portal.edges.add(type, row, other, target, [...ids, primaryId])
}

const PRIMARY: Readonly<Record<string, number>> = {
  'contacts>companies': 1,
  'deals>companies': 5,
  'tickets>companies': 26,
}

const PAGE = 20_000

const records = (portal: Portal, type: ObjectType, request: SimRequest) => {
  const table = portal.tables[type]
  const ids = request.query.get('ids')
  const from = Number(request.query.get('after') ?? '0')
  const end = Math.min(table.size, from + Number(request.query.get('limit') ?? PAGE))
  const rows =
    ids === null
      ? Array.from({ length: Math.max(0, end - from) }, (_, i) => from + i)
      : ids.split(',').flatMap((id) => table.rowOf(id) ?? [])
  const towards = (request.query.get('associations') ?? '')
    .split(',')
    .flatMap((name) => typeNamed(name) ?? [])
  return {
    total: table.size,
    results: rows.map((row) => dump(portal, type, row, towards)),
    ...(ids === null && end < table.size ? { paging: { next: { after: String(end) } } } : {}),
  }
}

const dump = (portal: Portal, type: ObjectType, row: number, towards: readonly ObjectType[]) => {
  const table = portal.tables[type]
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
    body: Object.fromEntries(OBJECT_TYPES.map((type) => [type, portal.tables[type].size])),
  }
}

const redefine = (portal: Portal, type: ObjectType, body: Record<string, unknown>): SimReply => {
  const { name, archived, ...change } = body
  if (typeof name !== 'string' || !portal.tables[type].definitions.has(name))
    throw new ControlRefusal(`there is no property ${String(name)} of ${type}`)
  if (archived !== true) return changeProperty(portal, type, name, change as Partial<PropertyWrite>)
  portal.tables[type].definitions.delete(name)
  return { status: 204 }
}
