import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadManifest } from '#operations/manifest.ts'
import { type Graph, startGraph } from '#test/kit/gateway.ts'

let graph: Graph
let authorization: string
beforeAll(async () => {
  graph = await startGraph()
  authorization = `Bearer ${await graph.token()}`
})
afterAll(() => graph[Symbol.asyncDispose]())

const call = async (method: string, path: string, body?: unknown) => {
  const response = await fetch(graph.gateway.url + path, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return {
    status: response.status,
    type: response.headers.get('content-type')?.split(';')[0],
    body: await response.json(),
  }
}
const operations = loadManifest().operations

describe('a REST route', () => {
  it.each([
    ['GET', '/api/v2/customers/c7', 'Customer', { id: 'c7' }],
    ['GET', '/api/v2/customers/c7/overview?first=3', 'CustomerOverview', { id: 'c7', first: 3 }],
    ['GET', '/api/v2/customers?first=2&orderBy=HEALTH', 'Customers', { first: 2, orderBy: 'HEALTH' }],
    ['GET', '/api/v1/sync/customers/status', 'SyncRuns', {}],
    ['GET', '/api/v2/viewer', 'Viewer', {}],
  ])('%s %s answers what %s answers', async (method, path, name, variables) => {
    const operation = operations.find((o) => o.name === name)!
    const twin = await graph.ask(operation.text, variables)
    const { status, body } = await call(method, path)
    expect(twin.body.errors).toBeUndefined()
    expect(status).toBe(200)
    expect(body).toEqual(Object.values(twin.body.data!)[0])
  })

  it('takes variables from the body, and answers with the status of its operation', async () => {
    const { status, body } = await call('POST', '/api/v1/sync/customers/hubspot', { mode: 'FULL' })
    expect(status).toBe(202)
    expect(body).toMatchObject({ __typename: 'SyncStarted', run: { id: 'r1' } })
  })

  it('starts without a body what needs none', async () => {
    expect((await call('POST', '/api/v1/sync/customers/hubspot')).status).toBe(202)
    expect((await call('POST', '/api/v1/sync/customers/reconcile')).status).toBe(202)
  })

  it('speaks the words of an earlier product where it has a shape, both ways', async () => {
    const { status, body } = await call('GET', '/api/integrations/crm/sync?status=success&limit=2')
    expect(status).toBe(200)
    const log = {
      sync_type: 'company',
      operation: 'update',
      status: 'success',
      enrichments: {},
      duration_ms: 5,
      error: null,
      created_at: '1970-01-01T00:00:00.000Z',
    }
    expect(body).toEqual({
      logs: [
        { id: 'l0', ...log },
        { id: 'l1', ...log },
      ],
    })
  })

  it('turns a refusal into a problem', async () => {
    const missing = await call('POST', '/api/v2/sync/hubspot', { integrationId: 'none' })
    expect(missing).toEqual({
      status: 404,
      type: 'application/problem+json',
      body: {
        type: '/problems/not-found',
        title: 'Not found',
        status: 404,
        code: 'NOT_FOUND',
        detail: 'The connection was not found. Check its id.',
      },
    })
    expect(await call('POST', '/api/v2/sync-runs/r1/cancel')).toMatchObject({
      status: 422,
      body: { code: 'INVALID' },
    })
  })

  it.each([
    ['GET', '/api/v2/customers?first=many', undefined, 400, 'BAD_INPUT'],
    ['GET', '/api/v2/customers?sort=name', undefined, 400, 'BAD_INPUT'],
    ['GET', '/api/v2/customers?first=1&first=2', undefined, 400, 'BAD_INPUT'],
    ['GET', '/api/v2/customers?orderBy=LUCK', undefined, 400, 'BAD_USER_INPUT'],
    ['GET', '/api/v2/customers/nobody', undefined, 404, 'NOT_FOUND'],
    ['GET', '/api/v2/deals/d1', undefined, 500, 'INTERNAL'],
    ['POST', '/api/v2/sync/hubspot', { colour: 'red' }, 400, 'BAD_INPUT'],
    ['POST', '/api/v2/sync/hubspot', { mode: 'SLOWLY' }, 400, 'BAD_USER_INPUT'],
    ['POST', '/api/v2/sync/hubspot', [1], 400, 'BAD_INPUT'],
    ['GET', '/api/integrations/crm/sync?status=lost', undefined, 400, 'BAD_INPUT'],
    ['GET', '/api/integrations/crm/sync?limit=201', undefined, 400, 'BAD_INPUT'],
    ['GET', '/api/integrations/crm/sync?colour=red', undefined, 400, 'BAD_INPUT'],
    ['GET', '/api/v2/nothing', undefined, 404, 'NOT_FOUND'],
  ])('%s %s is refused with a problem', async (method, path, sent, status, code) => {
    const answer = await call(method, path, sent)
    expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { status, code } })
    expect(JSON.stringify(answer.body)).not.toMatch(/secret|database/)
  })

  it('needs a credential, each one', async () => {
    for (const { routes } of operations)
      for (const { method, path } of routes) {
        const response = await fetch(graph.gateway.url + path.replace(/\{\w+\}/g, 'x'), { method })
        expect(`${method} ${path} ${response.status}`).toBe(`${method} ${path} 401`)
        await response.body?.cancel()
      }
  })
})
