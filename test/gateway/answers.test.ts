import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadManifest } from '#operations/manifest.ts'
import { loadProblems } from '#operations/problems.ts'
import { type Graph, startGraph } from '#test/kit/gateway.ts'

let graph: Graph
let authorization: string
beforeAll(async () => {
  graph = await startGraph()
  authorization = `Bearer ${await graph.token()}`
})
afterAll(() => graph[Symbol.asyncDispose]())

const call = async (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) => {
  const response = await fetch(graph.gateway.url + path, {
    ...init,
    headers: { authorization, ...init.headers },
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  }
}
const linksOf = (headers: Headers): Record<string, string> =>
  Object.fromEntries(
    [...(headers.get('link') ?? '').matchAll(/<([^>]*)>; rel="([\w-]+)"/g)].map(([, to, rel]) => [rel, to]),
  )

describe('a request that does not fit', () => {
  it.each([
    ['an address that is none', '/api/v2/nothing', {}, 404, 'NOT_FOUND'],
    ['a wrong method', '/api/v2/customers/c1', { method: 'DELETE' }, 405, 'METHOD_NOT_ALLOWED'],
    [
      'a body that is no JSON',
      '/api/v2/sync/hubspot',
      { method: 'POST', body: '<a/>', headers: { 'content-type': 'application/xml' } },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a body that a page elsewhere could send',
      '/api/v2/sync/hubspot',
      { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a packed body',
      '/api/v2/sync/hubspot',
      {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      },
      415,
      'ENCODED_BODY',
    ],
    [
      'the wish for another form',
      '/api/v2/viewer',
      { headers: { accept: 'text/csv' } },
      406,
      'NOT_ACCEPTABLE',
    ],
    [
      'the wish for anything but JSON',
      '/api/v2/viewer',
      { headers: { accept: 'application/json;q=0, */*' } },
      406,
      'NOT_ACCEPTABLE',
    ],
    [
      'a body that is too large',
      '/api/v2/sync/hubspot',
      {
        method: 'POST',
        body: JSON.stringify({ mode: 'x'.repeat(300_000) }),
        headers: { 'content-type': 'application/json' },
      },
      413,
      'REQUEST_TOO_LARGE',
    ],
    [
      'a body that does not end',
      '/api/v2/sync/hubspot',
      { method: 'POST', body: '{"mode":', headers: { 'content-type': 'application/json' } },
      400,
      'BAD_INPUT',
    ],
    ['a number that is none', '/api/v2/customers?partial=perhaps', {}, 400, 'BAD_INPUT'],
  ])('%s is answered with a problem that says what to do', async (_, path, init, status, code) => {
    const { headers, body, ...answer } = await call(path, init as never)
    expect(answer.status).toBe(status)
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(body).toMatchObject({ status, code, detail: expect.stringMatching(/\w{3}/) })
    // What `type` says leads to where it is described.
    const kind = await call(body.type)
    expect(kind.status).toBe(200)
    expect(kind.body).toMatchObject({ type: body.type, title: body.title, status })
  })

  it('hears which methods an address takes', async () => {
    const { headers, body } = await call('/api/v2/customers/c1', { method: 'DELETE' })
    expect(headers.get('allow')).toBe('GET, HEAD')
    expect(body.detail).toContain('GET, HEAD')
    expect((await call('/api/v2/api-keys', { method: 'PUT' })).headers.get('allow')).toBe('GET, HEAD, POST')
  })
})

describe('the list of problems', () => {
  it('has every kind there is, each once, for programs and for people', async () => {
    const { body } = await call('/problems')
    const types = (body.problems as { type: string }[]).map(({ type }) => type)
    expect(new Set(types).size).toBe(types.length)
    expect(body.problems).toEqual(loadProblems())
    expect(types).toEqual(expect.arrayContaining(['/problems/stale', '/problems/addresses-overlap']))
    const page = await fetch(`${graph.gateway.url}/problems`, { headers: { accept: 'text/html' } })
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    const html = await page.text()
    for (const type of types) expect(html).toContain(`href="${type}"`)
    expect((await call('/problems/none-such')).status).toBe(404)
  })
})

describe('pages', () => {
  it('are linked to one another, with what was asked for', async () => {
    const seen: string[] = []
    let path: string | undefined = '/api/v2/customers?first=20&orderBy=HEALTH'
    while (path) {
      const { headers, body } = await call(path)
      seen.push(...body.nodes.map(({ id }: { id: string }) => id))
      const { first, next } = linksOf(headers)
      expect(first).toBe('/api/v2/customers?first=20&orderBy=HEALTH')
      if (next) expect(next).toContain('first=20&orderBy=HEALTH&after=')
      path = next
    }
    expect(new Set(seen).size).toBe(50)
  })

  it('are linked on every route that lists one thing', () => {
    const unlinked = loadManifest().operations.flatMap(({ name, paging, variables, routes }) =>
      variables.some((variable) => variable.name === 'after')
        ? routes
            .filter(({ method, shape }) => method === 'GET' && shape === undefined)
            .filter(({ query }) => !paging || !query.includes(paging.after))
            .map(({ path }) => `${name} ${path}`)
        : [],
    )
    expect(unlinked).toEqual([])
  })
})

describe('an answer to a read', () => {
  it('has a tag, and is not sent again to who has it', async () => {
    const first = await call('/api/v2/customers/c1')
    const tag = first.headers.get('etag')!
    expect(tag).toMatch(/^"[\w-]{43}"$/)
    expect(first.headers.get('cache-control')).toBe('private, no-cache')
    expect(first.headers.get('vary')).toBe('authorization, x-api-key, cookie, accept')
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
      const again = await call('/api/v2/customers/c1', { headers: { 'if-none-match': known } })
      expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, undefined, tag])
    }
    const other = await call('/api/v2/customers/c2', { headers: { 'if-none-match': tag } })
    expect(other.status).toBe(200)
  })

  it('has another tag for somebody else, though it says the same', async () => {
    const mine = await call('/api/v2/customers/c1')
    const theirs = await call('/api/v2/customers/c1', {
      headers: { authorization: `Bearer ${await graph.token('readonly')}` },
    })
    expect(theirs.body).toEqual(mine.body)
    expect(theirs.headers.get('etag')).not.toBe(mine.headers.get('etag'))
  })

  it('is sent whole to whoever shows the tag of somebody of another organisation, though it says the same', async () => {
    const mine = await call('/api/v2/customers/c1')
    const tag = mine.headers.get('etag')!
    const as = async (role: string, org: string, subject?: string) => {
      const token = await graph.issuer.issue({ role, org, ...(subject ? { subject } : {}) })
      const headers = { authorization: `Bearer ${token}`, 'if-none-match': tag }
      const { status, body } = await call('/api/v2/customers/c1', { headers })
      return { status, body }
    }
    const whole = { status: 200, body: mine.body }
    // The same person in another organisation, and another person of this one.
    expect(await as('admin', 'empty', 'demo:admin')).toEqual(whole)
    expect(await as('admin', 'empty')).toEqual(whole)
    expect(await as('admin', 'demo', 'demo:other')).toEqual(whole)
    expect((await as('admin', 'demo')).status).toBe(304)
  })

  it('is kept nowhere when it answers a change', async () => {
    const { headers } = await call('/api/v2/sync/hubspot', { method: 'POST' })
    expect([headers.get('cache-control'), headers.get('etag')]).toEqual(['no-store', null])
  })
})

describe('a route of an earlier product', () => {
  it('says that it is one, until when it is answered, and what takes its place', async () => {
    const { status, headers } = await call('/api/v1/sync/customers/status')
    expect(status).toBe(200)
    expect(headers.get('deprecation')).toMatch(/^@\d{10}$/)
    expect(Date.parse(headers.get('sunset')!)).toBeGreaterThan(Date.parse('2028-01-01'))
    expect(linksOf(headers)['successor-version']).toBe('/api/v2/sync-runs')
    const now = await call('/api/v2/sync-runs')
    expect([now.headers.get('deprecation'), now.headers.get('sunset')]).toEqual([null, null])
  })

  it('names the place itself where the address says which one it is', async () => {
    const { headers } = await call('/api/plans/p%2F1')
    expect(linksOf(headers)['successor-version']).toBe('/api/v2/plans/p%2F1')
  })
})
