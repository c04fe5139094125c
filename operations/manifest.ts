/** The catalogue of named operations as the doors read it: built by `operations/build.ts`, loaded once by a process. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type OperationKind = 'query' | 'mutation' | 'subscription'
export type RestMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One REST route of an operation. `{name}` in the path stands for the variable of that name. */
export interface Route {
  method: RestMethod
  path: string
  /** The HTTP status of a good answer. */
  status: number
  /** Variables that may come in the query string. */
  query: string[]
  /** The field of the answer that says whether what was asked for is there, in the graph's words: until then the route answers 202. */
  done?: string
  /** Where to ask again then, with fields of the answer in braces. */
  location?: string
  shape?: string
  /** The path of the route that takes this one's place, where it is for callers of an earlier product or version. */
  legacy?: string
}

/** A list that an export reads to its end. */
export interface Export {
  /** The kind of record, as `changes` names it. */
  kind: string
  /** Where in an entry of the list the record's id is. */
  id: string[]
  /** What is sent for variables beside the page's. */
  with: Record<string, unknown>
}

/** Where an operation's answer is one page of a list, and how to ask for the next. */
export interface Paging {
  /** Response names from the answer's root to the connection. */
  at: string[]
  /** The variable that takes the cursor. */
  after: string
}

export interface Variable {
  name: string
  /** As GraphQL writes it, such as `[ID!]!`. */
  type: string
  /** Whether a caller has to send it. */
  required: boolean
  slot?: string
}

export interface Operation {
  name: string
  kind: OperationKind
  description: string
  /** The one text that is hashed, sent and run: printed once, without the directives that open doors. */
  text: string
  /** SHA-256 of `text`, in hex. */
  hash: string
  /** The response names of its root fields. */
  roots: string[]
  variables: Variable[]
  /** Whether its answer holds what is shown once and kept nowhere. */
  secret?: true
  /** Absent where it lists nothing, or several things. */
  paging?: Paging
  export?: Export
  routes: Route[]
  /** How assistants are offered it. `everyday`: among their tools, not only by searching. */
  tool?: { title: string; everyday?: true; destructive?: true }
  intents: string[]
  /** What a sentence has to say for it, beside what it cannot go without. */
  needs?: string[]
}

export interface Manifest {
  operations: Operation[]
}

export const MANIFEST_FILE = join(import.meta.dirname, 'generated', 'manifest.json')
/** The schema clients see, without its words. */
export const API_FILE = join(import.meta.dirname, 'generated', 'api.graphql')
/** The catalogue's routes as OpenAPI, for callers of the REST door. */
export const OPENAPI_FILE = join(import.meta.dirname, 'generated', 'openapi.json')

/** What assistants are offered: see `tools.ts`. */
export const TOOLS_FILE = join(import.meta.dirname, 'generated', 'tools.json')

/** Reads the built catalogue. Throws when it was never built. */
export const loadManifest = (file: string = MANIFEST_FILE): Manifest =>
  JSON.parse(readFileSync(file, 'utf8')) as Manifest
