/** Every operation of the catalogue through every door: the graph, REST and the tools of assistants. */
import { loadManifest, type Operation } from '#operations/manifest.ts'
import { argumentsFor } from '../kit/arguments.ts'
import { type Assistant, assistantAt } from '../kit/assistant.ts'
import { apiSchema, type Samples } from '../kit/probes.ts'
import type { WholeHub } from '../kit/whole-hub.ts'

/** One operation as it was asked, and what came. */
export interface Asked {
  name: string
  kind: Operation['kind']
  /** What the question itself says. */
  asked: string
  answered: string
  isError: boolean
}

/** A way in, for one caller. It has none for some operations, and several for others. */
export interface Door extends AsyncDisposable {
  ask(operation: Operation, args: Record<string, unknown>): Promise<Asked[]>
}

/** What one caller comes with. */
export interface Coming {
  token: string
  headers?: Record<string, string>
}

const operations = loadManifest().operations.filter(({ kind }) => kind !== 'subscription')

const stateless = (ask: Door['ask']): Door => ({ ask, [Symbol.asyncDispose]: async () => undefined })

/** `/graphql`: the operation's own text. */
export const graphDoor = async (hub: WholeHub, { token, headers = {} }: Coming): Promise<Door> =>
  stateless(async ({ name, kind, text }, args) => {
    const { status, ...answer } = await hub.ask(text, args, { token, headers })
    const isError = status !== 200 || answer.errors !== undefined
    return [{ name, kind, isError, asked: JSON.stringify(args), answered: JSON.stringify(answer) }]
  })

/** The routes that have the words of their operation. */
export const restDoor = async (hub: WholeHub, { token, headers = {} }: Coming): Promise<Door> =>
  stateless(({ kind, routes }, args) =>
    Promise.all(
      routes
        .filter(({ shape }) => shape === undefined)
        .map(async ({ method, path }) => {
          const inPath = (name: string) => path.includes(`{${name}}`)
          const address = path.replace(/\{(\w+)\}/g, (_, name: string) =>
            encodeURIComponent(String(args[name]).toWellFormed()),
          )
          const rest = Object.fromEntries(Object.entries(args).filter(([name]) => !inPath(name)))
          const url = new URL(address, hub.url)
          if (method === 'GET')
            for (const [name, value] of Object.entries(rest))
              for (const one of Array.isArray(value) ? value : [value])
                if (typeof one !== 'object') url.searchParams.append(name, String(one))
          const response = await fetch(url, {
            method,
            headers: {
              authorization: `Bearer ${token}`,
              ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
              ...headers,
            },
            ...(method === 'GET' ? {} : { body: JSON.stringify(rest) }),
          })
          const asked = JSON.stringify(args)
          return {
            name: `${method} ${path}`,
            kind,
            isError: !response.ok,
            asked,
            answered: await response.text(),
          }
        }),
    ),
  )

/** What assistants are offered. Whatever changes something is planned. */
export const assistantDoor = async (hub: WholeHub, { token }: Coming): Promise<Door> => {
  const assistant: Assistant = await assistantAt(hub.url, token)
  return {
    ask: async ({ name, kind, tool }, args) => {
      if (!tool) return []
      const { isError, plan: _, ...answer } = await assistant.use('run_operation', { name, arguments: args })
      return [{ name, kind, isError, asked: JSON.stringify(args), answered: JSON.stringify(answer) }]
    },
    [Symbol.asyncDispose]: () => assistant[Symbol.asyncDispose](),
  }
}

/** The doors by name. */
export const DOORS = { graph: graphDoor, rest: restDoor, assistant: assistantDoor } as const

const askAll = async (open: Promise<Door>, samples: Samples): Promise<Asked[]> => {
  await using door = await open
  const schema = apiSchema()
  const asked: Asked[] = []
  for (const operation of operations)
    asked.push(...(await door.ask(operation, argumentsFor(operation, schema, samples))))
  return asked
}

/** Calls every operation that assistants are offered. Those that change something are planned. */
export const byAssistant = (hub: WholeHub, token: string, samples: Samples): Promise<Asked[]> =>
  askAll(assistantDoor(hub, { token }), samples)

/** Calls every route that has the words of its operation. */
export const byRest = (hub: WholeHub, token: string, samples: Samples): Promise<Asked[]> =>
  askAll(restDoor(hub, { token }), samples)
