import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import type { AssociationConfiguration } from '../schema-wire.ts'
import type { BatchError } from '../wire.ts'
import { inputsOf, jsonBody } from './asking.ts'
import type { AssociationDefinition, LabelWish } from './association-types.ts'
import { batchReply } from './batch-answer.ts'
import { asBatchError, errorReply, notFound, Refused } from './errors.ts'
import type { Portal } from './portal.ts'

const shown = ({ category, typeId, label }: AssociationDefinition) => ({ category, typeId, label })

/** `/crm/v4/associations/{from}/{to}/labels` and below. */
export const labels = (
  portal: Portal,
  from: string,
  to: string,
  request: SimRequest,
  id: string | undefined,
): SimReply => {
  const { associations } = portal
  const { method } = request
  if (id !== undefined) {
    if (method !== 'DELETE') return notFound()
    const gone = associations.remove(from, to, Number(id))
    portal.edges.forget(from, to, gone.typeId)
    portal.edges.forget(to, from, gone.back)
    return { status: 204 }
  }
  if (method === 'GET') {
    // The labelled ones first, as HubSpot gives them.
    const all = [...associations.of(from, to)].sort(
      (a, b) => Number(a.label === null) - Number(b.label === null),
    )
    return { status: 200, body: { results: all.map(shown) } }
  }
  if (method === 'POST') {
    const made = associations.add(from, to, jsonBody<LabelWish>(request))
    const back = made.back === made.typeId ? undefined : associations.find(to, from, made.back)
    return { status: 200, body: { results: [made, ...(back === undefined ? [] : [back])].map(shown) } }
  }
  if (method !== 'PUT') return errorReply(405, { message: 'HTTP 405 Method Not Allowed' })
  const { associationTypeId, ...wish } = jsonBody<LabelWish & { associationTypeId: number }>(request)
  associations.relabel(from, to, associationTypeId, wish)
  return { status: 204 }
}

const configuration = (
  portal: Portal,
  from: string,
  to: string,
  { category, typeId, label, max }: AssociationDefinition,
): AssociationConfiguration => ({
  category,
  typeId,
  ...(label === null ? {} : { label }),
  fromObjectTypeId: portal.factsOf(from).typeId,
  toObjectTypeId: portal.factsOf(to).typeId,
  ...(max === undefined ? {} : { userEnforcedMaxToObjectIds: max }),
})

/** `GET /crm/v4/associations/definitions/configurations/all`: what the portal has set, of all pairs. */
export const allConfigurations = (portal: Portal): SimReply => ({
  status: 200,
  body: {
    results: portal.associations.pairs().flatMap(([from, to]) =>
      portal.associations
        .of(from, to)
        .filter(({ max }) => max !== undefined)
        .map((definition) => configuration(portal, from, to, definition)),
    ),
  },
})

interface Limit {
  typeId: number
  maxToObjectIds?: number
}

/** `/crm/v4/associations/definitions/configurations/{from}/{to}` and below. */
export const configurations = (
  portal: Portal,
  from: string,
  to: string,
  request: SimRequest,
  word: string | undefined,
): SimReply => {
  const { associations } = portal
  if (word === undefined) {
    const results = associations.of(from, to).map((each) => configuration(portal, from, to, each))
    return request.method === 'GET' ? { status: 200, body: { results } } : notFound()
  }
  if (request.method !== 'POST' || !['create', 'update', 'purge'].includes(word)) return notFound()
  const results: AssociationConfiguration[] = []
  const errors: BatchError[] = []
  for (const { typeId, maxToObjectIds } of inputsOf<Limit>(request, 100))
    try {
      associations.mustFind(from, to, typeId)
      associations.change(from, to, typeId, { max: word === 'purge' ? undefined : maxToObjectIds })
      const changed = configuration(portal, from, to, associations.mustFind(from, to, typeId))
      if (word === 'update') delete changed.label
      results.push(changed)
    } catch (error) {
      if (!(error instanceof Refused) || word === 'purge') throw error
      errors.push(asBatchError(error, { typeId: [String(typeId)] }))
    }
  if (word === 'purge') return { status: 204 }
  return batchReply(portal, results, errors, word === 'create' ? 201 : 200)
}
