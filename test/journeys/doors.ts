/** Every operation of the catalogue through the doors beside the graph: by REST and as a tool of assistants. */
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

const operations = loadManifest().operations.filter(({ kind }) => kind !== 'subscription')

/** Calls every operation that assistants are offered. Those that change something are planned. */
export const byAssistant = async (hub: WholeHub, token: string, samples: Samples): Promise<Asked[]> => {
  await using assistant: Assistant = await assistantAt(hub.url, token)
  const schema = apiSchema()
  const asked: Asked[] = []
  for (const operation of operations.filter(({ tool }) => tool)) {
    const args = argumentsFor(operation, schema, samples)
    const {
      isError,
      plan: _,
      ...answer
    } = await assistant.use('run_operation', {
      name: operation.name,
      arguments: args,
    })
    asked.push({
      ...{ name: operation.name, kind: operation.kind, isError },
      asked: JSON.stringify(args),
      answered: JSON.stringify(answer),
    })
  }
  return asked
}

/** Calls every route that has the words of its operation. */
export const byRest = async (hub: WholeHub, token: string, samples: Samples): Promise<Asked[]> => {
  const schema = apiSchema()
  const asked: Asked[] = []
  for (const operation of operations)
    for (const { method, path, shape } of operation.routes) {
      if (shape !== undefined) continue
      const args = argumentsFor(operation, schema, samples)
      const inPath = (name: string) => path.includes(`{${name}}`)
      const address = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(args[name])))
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
        },
        ...(method === 'GET' ? {} : { body: JSON.stringify(rest) }),
      })
      asked.push({
        ...{ name: `${method} ${path}`, kind: operation.kind, isError: !response.ok },
        asked: JSON.stringify(args),
        answered: await response.text(),
      })
    }
  return asked
}
