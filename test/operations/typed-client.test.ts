import { afterAll, beforeAll, expect, it } from 'vitest'
import { Customer, StartHubSpotSync, type TypedOperation, Viewer } from '#operations/generated/documents.ts'
import { loadManifest } from '#operations/manifest.ts'
import { type Graph, startGraph } from '#test/kit/gateway.ts'

let graph: Graph
let token: string
beforeAll(async () => {
  graph = await startGraph()
  token = await graph.token()
})
afterAll(() => graph[Symbol.asyncDispose]())

/** All that a program in TypeScript needs: the text stays in the hub. */
const ask = async <Result, Variables>(
  operation: TypedOperation<Result, Variables>,
  variables: Variables,
): Promise<Result> => {
  const response = await fetch(`${graph.gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ documentId: operation.hash, variables }),
  })
  const { data, errors } = (await response.json()) as { data: Result; errors?: unknown }
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

it('a program gets what it asks for by the types of the catalogue, and is told by its compiler what does not fit', async () => {
  const { customer } = await ask(Customer, { id: 'c1' })
  const name: string | null | undefined = customer?.name
  expect(name).toBe('Company c1')
  const { viewer } = await ask(Viewer, {})
  expect(viewer.id).toBe('demo:admin')
  const { startHubSpotSync } = await ask(StartHubSpotSync, { mode: 'FULL' })
  if (startHubSpotSync.__typename !== 'SyncStarted') throw new Error('it was not started')
  expect(startHubSpotSync.run.id).toBe('r1')
  // `npm run check` compiles this file: each line below has to be a fault to it.
  // @ts-expect-error it needs the customer's id
  await expect(ask(Customer, {})).rejects.toThrow()
  // @ts-expect-error there is no such mode
  await expect(ask(StartHubSpotSync, { mode: 'SOMETIMES' })).rejects.toThrow()
  // @ts-expect-error nobody asked for it
  expect(viewer.password).toBeUndefined()
})

it('every document it names is in the manifest under the same hash', async () => {
  const documents = await import('#operations/generated/documents.ts')
  const typed = Object.values(documents as unknown as Record<string, { name: string; hash: string }>)
  expect(typed.map(({ name, hash }) => [name, hash])).toEqual(
    loadManifest().operations.map(({ name, hash }) => [name, hash]),
  )
})
