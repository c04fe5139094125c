import { createHash } from 'node:crypto'
import { type Audit, serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '#gateway/limits/index.ts'
import { loadManifest } from '#operations/manifest.ts'
import { type Graph, startGraph } from '#test/kit/gateway.ts'

let graph: Graph
let token: string
beforeAll(async () => {
  graph = await startGraph()
  token = await graph.token()
})
afterAll(() => graph[Symbol.asyncDispose]())

const url = () => `${graph.gateway.url}/graphql`
const QUERY = '{ viewer { id } }'
const MODERN = 'application/graphql-response+json'
interface Sent {
  method?: string
  body?: string | object
  type?: string | null
  headers?: Record<string, string>
  search?: string
}
const send = async ({
  method = 'POST',
  body,
  type = 'application/json',
  headers = {},
  search = '',
}: Sent) => {
  const response = await fetch(url() + search, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: MODERN,
      ...(type === null || body === undefined ? {} : { 'content-type': type }),
      ...headers,
    },
    ...(body === undefined
      ? {}
      : { body: typeof body === 'string' ? new TextEncoder().encode(body) : JSON.stringify(body) }),
  })
  const text = await response.text()
  const answer = text === '' ? {} : JSON.parse(text)
  return {
    status: response.status,
    headers: response.headers,
    answer,
    code: answer.errors?.[0]?.extensions?.code,
  }
}

describe('GraphQL over HTTP', () => {
  it('is spoken as the specification has it: every audit there is, without a remark', async () => {
    const audits = serverAudits({
      url: url(),
      fetchFn: (address: string, init: RequestInit = {}) =>
        fetch(address, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } }),
    })
    expect(audits.length).toBeGreaterThan(55)
    const remarks: [string, string, string][] = []
    for (const audit of audits as Audit[]) {
      const result = await audit.fn()
      if (result.status !== 'ok') remarks.push([result.status, result.name, result.reason])
    }
    expect(remarks).toEqual([])
  })

  it.each<[string, Sent, number, string]>([
    ['a batch', { body: [{ query: QUERY }, { query: QUERY }] }, 400, 'BAD_REQUEST'],
    ['an empty batch', { body: [] }, 400, 'BAD_REQUEST'],
    ['no JSON', { body: '{' }, 400, 'BAD_INPUT'],
    ['nothing', { body: '' }, 400, 'BAD_INPUT'],
    ['null', { body: 'null' }, 400, 'BAD_REQUEST'],
    ['a number', { body: '7' }, 400, 'BAD_REQUEST'],
    ['a text', { body: '"{ viewer { id } }"' }, 400, 'BAD_REQUEST'],
    ['an object without a document', { body: {} }, 400, 'BAD_INPUT'],
    ['a document that is a number', { body: { query: 7 } }, 400, 'BAD_INPUT'],
    ['variables that are a list', { body: { query: QUERY, variables: [] } }, 400, 'BAD_REQUEST'],
    ['extensions that are a text', { body: { query: QUERY, extensions: 'x' } }, 400, 'BAD_INPUT'],
    [
      'a name of an operation that is not there',
      { body: { query: 'query A { viewer { id } } query B { viewer { id } }', operationName: 'C' } },
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'two operations and no name',
      { body: { query: 'query A { viewer { id } } query B { viewer { id } }' } },
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['a form', { body: 'query=1', type: 'application/x-www-form-urlencoded' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['plain text', { body: { query: QUERY }, type: 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['files', { body: 'x', type: 'multipart/form-data; boundary=x' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a bare document', { body: QUERY, type: 'application/graphql' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'a body of no type',
      { body: JSON.stringify({ query: QUERY }), type: null },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'another charset',
      { body: { query: QUERY }, type: 'application/json; charset=utf-16' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a packed body',
      { body: { query: QUERY }, headers: { 'content-encoding': 'gzip' } },
      415,
      'ENCODED_BODY',
    ],
    ['a wish for a page', { body: { query: QUERY }, headers: { accept: 'text/html' } }, 406, 'BAD_REQUEST'],
    [
      'a mutation by GET',
      {
        method: 'GET',
        search: `?query=${encodeURIComponent('mutation { cancelSync(runId: "r") { __typename } }')}`,
      },
      405,
      'BAD_REQUEST',
    ],
    [
      'a parameter twice',
      { method: 'GET', search: '?query=%7B__typename%7D&query=%7B__typename%7D' },
      400,
      'BAD_INPUT',
    ],
    [
      'extensions that are no JSON by GET',
      { method: 'GET', search: '?query=%7B__typename%7D&extensions=%7B' },
      400,
      'BAD_INPUT',
    ],
    ['PUT', { method: 'PUT', body: { query: QUERY } }, 405, 'METHOD_NOT_ALLOWED'],
    ['DELETE', { method: 'DELETE' }, 405, 'METHOD_NOT_ALLOWED'],
    [
      'a preflight of another site',
      {
        method: 'OPTIONS',
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      },
      405,
      'METHOD_NOT_ALLOWED',
    ],
    ['`@defer`', { body: { query: '{ viewer { ... @defer { id } } }' } }, 400, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a subscription',
      { body: { query: 'subscription { syncEvents { id } }' } },
      400,
      'SUBSCRIBE_BY_WEBSOCKET',
    ],
  ])('refuses %s', async (_, sent, status, code) => {
    const refused = await send(sent)
    expect([refused.status, refused.code]).toEqual([status, code])
    expect(JSON.stringify(refused.answer)).not.toMatch(/node_modules|at .+:\d+:\d+/)
    if (status === 405) expect(refused.headers.get('allow')).toMatch(/POST/)
  })

  it.each<[string, Sent]>([
    ['with a byte order mark', { body: `\uFEFF${JSON.stringify({ query: QUERY })}` }],
    ['as UTF-8 in capitals', { body: { query: QUERY }, type: 'Application/JSON; Charset="UTF-8"' }],
    [
      'with null for what is not given',
      { body: { query: QUERY, variables: null, operationName: null, extensions: null, documentId: null } },
    ],
    ['with parameters nobody knows', { body: { query: QUERY, id: 7 } }],
    ['by GET', { method: 'GET', search: `?query=${encodeURIComponent(QUERY)}` }],
  ])('answers a request %s', async (_, sent) => {
    const { status, headers, answer } = await send(sent)
    expect([status, answer]).toEqual([200, { data: { viewer: { id: 'demo:admin' } } }])
    expect(headers.get('content-type')).toBe(`${MODERN}; charset=utf-8`)
  })

  it('answers what was refused before it was read in the type that was asked for', async () => {
    for (const [accept, type] of [
      [MODERN, MODERN],
      ['application/json', 'application/json'],
    ] as const) {
      const { status, headers } = await send({
        body: { query: QUERY },
        headers: { accept, authorization: '' },
      })
      expect([status, headers.get('content-type')]).toEqual([401, `${type}; charset=utf-8`])
      expect(headers.get('www-authenticate')).toBe('Bearer')
    }
  })

  it('tells what an operation costs only to those who ask for it', async () => {
    const body = { query: '{ customers(first: 7) { nodes { id } } }' }
    expect((await send({ body })).answer.extensions).toBeUndefined()
    const { extensions } = (await send({ body, headers: { 'x-hub-extensions': 'cost' } })).answer
    expect(extensions.cost.records).toBeGreaterThanOrEqual(7)
    expect(extensions.cost.most).toBe(DEFAULT_LIMITS.cost)
  })
})

describe('a document of the catalogue', () => {
  const viewer = loadManifest().operations.find(({ name }) => name === 'Viewer')!

  it('is named by `documentId`: its name, its hash, or its hash with what made it', async () => {
    for (const documentId of ['Viewer', viewer.hash, `sha256:${viewer.hash}`])
      for (const sent of [{ body: { documentId } }, { method: 'GET', search: `?documentId=${documentId}` }])
        expect((await send(sent)).answer.data.viewer.id).toBe('demo:admin')
    const customer = await send({ body: { documentId: 'Customer', variables: { id: 'c1' } } })
    expect(customer.answer.data.customer.id).toBe('c1')
  })

  it('is not there under another name, and nothing can be put in its place', async () => {
    const code = async (body: object) => (await send({ body })).code
    expect(await code({ documentId: 'viewer' })).toBe('UNKNOWN_DOCUMENT')
    expect(await code({ documentId: '__proto__' })).toBe('UNKNOWN_DOCUMENT')
    expect(await code({ documentId: 7 })).toBe('BAD_INPUT')
    expect(await code({ documentId: 'Viewer', query: QUERY })).toBe('BAD_INPUT')
    // A text sent with its hash is run, and not kept: the hash alone stays unknown.
    const sha256Hash = createHash('sha256').update(QUERY).digest('hex')
    const extensions = { persistedQuery: { version: 1, sha256Hash } }
    expect((await send({ body: { query: QUERY, extensions } })).status).toBe(200)
    expect(await code({ extensions })).toBe('UNKNOWN_DOCUMENT')
    expect(await code({ query: '{ __typename }', extensions })).toBe('BAD_INPUT')
  })
})
