import { ERRORS, errorCodeDef } from '@apollo/federation-internals'
import type { FetchNode } from '@apollo/query-planner'
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql'
import type { RequestContext } from '../execute.ts'
import type { Subgraph } from '../supergraph/source.ts'
import { askUnlessKept } from './kept-entities.ts'
import { type Answered, merge, own } from './merge.ts'
import { objectsAt, type Place, pathsAt } from './places.ts'
import { type Represent, representing } from './representations.ts'

/** One run of an operation, which its fetches fill. */
export interface Run {
  /** What is known so far. */
  readonly data: Answered
  readonly variables: Readonly<Record<string, unknown>>
  readonly errors: GraphQLError[]
  readonly services: Readonly<Record<string, Subgraph>>
  readonly context: RequestContext
}

/** A step of a plan. Throws nothing: what went wrong is among the run's errors. */
export type Step = (run: Run) => Promise<void>

/** Compiles one question to one subgraph, whose answer belongs to a place of the result. */
export const fetching = (node: FetchNode, place: Place, schema: GraphQLSchema): Step => {
  const { requires } = node
  const step = requires
    ? fetchingEntities(node, place, representing(schema, requires))
    : fetchingFields(node, place)
  return (run) =>
    step(run).catch((error: unknown) => {
      run.errors.push(error as GraphQLError)
    })
}

const fetchingFields = (node: FetchNode, place: Place): Step => {
  const { ask } = asking(node)
  return async (run) => {
    const entities = objectsAt(place, run.data)
    if (entities.length === 0) return
    const answer = await ask(run)
    for (const error of answer.errors ?? [])
      run.errors.push(fromSubgraph(error, node.serviceName, error.path && [...place, ...error.path]))
    if (answer.data) for (const entity of entities) merge(entity, answer.data as Answered)
  }
}

const fetchingEntities = (node: FetchNode, place: Place, represent: Represent): Step => {
  const { ask, questionOf } = asking(node)
  const part = node.serviceName
  return async (run) => {
    // The same thing is met at many places and asked for once.
    const askedAs = new Map<string, number>()
    const met: { entity: Answered; at: number; asked: number }[] = []
    const entities = objectsAt(place, run.data)
    for (const [at, entity] of entities.entries()) {
      const representation = represent(entity)
      if (!representation) continue
      const text = JSON.stringify(representation)
      let asked = askedAs.get(text)
      if (asked === undefined) {
        asked = askedAs.size
        askedAs.set(text, asked)
      }
      met.push({ entity, at, asked })
    }
    if (met.length === 0) return
    const question = run.context.keeping ? questionOf(run) : ''
    const answer = await askUnlessKept(ask, { part, question }, run, [...askedAs.keys()])
    if (answer.errors) {
      const paths = pathsAt(place, run.data)
      for (const error of answer.errors)
        for (const path of placesOf(error.path, place, met, paths))
          run.errors.push(fromSubgraph(error, node.serviceName, path))
    }
    if (!answer.data) return
    const found = own(answer.data as Answered, '_entities')
    if (!Array.isArray(found)) throw new Error('Expected "data._entities" in response to be an array')
    if (found.length !== askedAs.size)
      throw new Error(`Expected "data._entities" to contain ${askedAs.size} elements`)
    for (const { entity, asked } of met) {
      const came = found[asked] as Answered | null
      if (came) merge(entity, came)
    }
  }
}

/** Where in the result an error about entities lies: with each place at which that entity was met. */
const placesOf = (
  path: GraphQLFormattedError['path'],
  place: Place,
  met: readonly { at: number; asked: number }[],
  paths: readonly Place[],
): (Place | undefined)[] => {
  const asked = path?.[1]
  if (typeof asked !== 'number') return [path && [...place, ...path]]
  return met
    .filter((one) => one.asked === asked)
    .map(({ at }) => [...(paths[at] ?? []), ...(path as Place).slice(2)])
}

type Answer = Awaited<ReturnType<Subgraph['ask']>>

/** A request that is compiled: its text is made once, but for variables and what is asked for. */
interface Asking {
  ask(run: Run, representations?: readonly string[]): Promise<Answer>
  /** The text of what is asked of each entity, whichever it is. */
  questionOf(run: Run): string
}

const asking = (node: FetchNode): Asking => {
  const { serviceName, operation, operationName, operationKind, variableUsages = [] } = node
  const head = `{"query":${JSON.stringify(operation)},"variables":{`
  const tail = `}${operationName ? `,"operationName":${JSON.stringify(operationName)}` : ''}}`
  const names = variableUsages.map((name) => ({ name, key: `${JSON.stringify(name)}:` }))
  const given = (variables: Run['variables']): string[] =>
    names.flatMap(({ name, key }) => {
      const value = JSON.stringify(own(variables, name))
      return value === undefined ? [] : [key + value]
    })
  const ask: Asking['ask'] = async ({ variables, services, context }, representations) => {
    const parts = given(variables)
    if (representations) parts.push(`"representations":[${representations.join()}]`)
    const service = services[serviceName]
    if (!service) throw new Error(`Couldn't find service with name "${serviceName}"`)
    const body = `${head}${parts.join()}${tail}`
    return service.ask({ operation, body, isSafe: operationKind !== 'mutation' }, context)
  }
  return { ask, questionOf: ({ variables }) => head + given(variables).join() + tail }
}

/** A subgraph's error as an error of the whole operation. */
const fromSubgraph = (
  error: GraphQLFormattedError,
  serviceName: string,
  path: Place | undefined,
): GraphQLError => {
  const message = error.message || `Error while fetching subquery from service "${serviceName}"`
  const options = {
    originalError: error as never,
    ...(path ? { path: path as never } : {}),
    extensions: { ...error.extensions, serviceName },
  }
  const known = errorCodeDef(error as never)
  if (!known && error.extensions?.code) return new GraphQLError(message, options)
  return (known ?? ERRORS.DOWNSTREAM_SERVICE_ERROR).err(message, options)
}
