/** The kinds of problems that the REST door can answer (RFC 9457), read from where they are defined: error codes in the code, refusals in the graph. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type GraphQLSchema, isObjectType } from 'graphql'

export interface ProblemKind {
  /** What `type` of a problem says: an address below the hub's own, where this is written. */
  type: string
  title: string
  status: number
  /** The `code` that such a problem has; null where it has one of several. */
  code: string | null
  /** Whether to send the same again: at once, later, or not at all. */
  retry: 'now' | 'later' | 'never'
  /** What is wrong and what to do; `…` stands for what differs. */
  says: string
}

export const PROBLEMS_FILE = join(import.meta.dirname, 'generated', 'problems.json')

/** Reads the built list. Throws when it was never built. */
export const loadProblems = (file: string = PROBLEMS_FILE): ProblemKind[] =>
  JSON.parse(readFileSync(file, 'utf8')) as ProblemKind[]

const dashed = (name: string): string =>
  name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()

/** The `type` of a problem with this error code, or of this refusal of the graph. */
export const problemType = (name: string): string => `/problems/${dashed(name)}`

/** What people call it: `NOT_FOUND` is “Not found”. */
export const problemTitle = (name: string): string => {
  const words = dashed(name).replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What a refusal of the graph is in the words of HTTP, where it is not 422. */
const REFUSAL_STATUS: Readonly<Record<string, number>> = {
  Missing: 404,
  Stale: 409,
  PlanMoved: 409,
  ExternalIdTaken: 409,
}
/** A refusal that is the same as an error. */
const SAME: Readonly<Record<string, string>> = { Missing: 'NOT_FOUND' }

/** The name under which a refusal's kind of problem is known. */
export const refusalName = (type: string): string => SAME[type] ?? type

/** The HTTP status of a refusal, by its type's name. */
export const refusalStatus = (type: string): number => REFUSAL_STATUS[type] ?? 422

const FLOORS = ['kernel', 'db', 'events', 'sync', 'service', 'control', 'connectors', 'subgraphs', 'gateway']
const DEFINED =
  /define\(\s*'([A-Z0-9_]+)',\s*\{\s*status: (\d{3}),\s*retry: '(now|later|never)',\s*says:\s*(['"])((?:(?!\4)[^\\]|\\.)*)\4/g

/** All kinds of problems, by `type`. */
export const problemsOf = (schema: GraphQLSchema, root = join(import.meta.dirname, '..')): ProblemKind[] => {
  const errors = FLOORS.flatMap((floor) =>
    readdirSync(join(root, floor), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [...readFileSync(join(root, floor, file), 'utf8').matchAll(DEFINED)]),
  ).map(
    ([, code, status, retry, , says]): ProblemKind => ({
      ...{ type: problemType(code!), title: problemTitle(code!), status: Number(status), code: code! },
      ...{
        retry: retry as ProblemKind['retry'],
        says: says!.replaceAll("\\'", "'").replace(/\{\w+\}/g, '…'),
      },
    }),
  )
  const refusals = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Refusal'))
    .filter(({ name }) => !SAME[name])
    .map(
      ({ name, description }): ProblemKind => ({
        ...{ type: problemType(name), title: problemTitle(name), status: refusalStatus(name), code: null },
        ...{ retry: 'never', says: description ?? '' },
      }),
    )
  // A refusal may be known as an error too, where it is met outside the graph.
  const known = new Set(errors.map(({ type }) => type))
  return [...errors, ...refusals.filter(({ type }) => !known.has(type))].sort((a, b) =>
    a.type < b.type ? -1 : 1,
  )
}
