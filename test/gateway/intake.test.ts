import { createServer, type IncomingMessage, request as open } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { openIssuer } from '#gateway/identity/issuer.ts'
import type { Edge } from '#gateway/identity/origin.ts'
import { systemClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { openGateway } from '#test/kit/gateway.ts'
import { PART_NAMES, SECRET } from '#test/kit/graph.ts'
import { temporaryDirectory } from '#test/kit/server.ts'

const PATH = '/api/v1/webhooks/hubspot'
const SIGNED = { 'x-hubspot-signature-v3': 'sig', 'x-hubspot-request-timestamp': '1' }

interface Seen {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: Buffer
}

/** A gateway whose customers subgraph writes down what reaches it, and answers what it is told to. */
const bed = async (edge?: Edge) => {
  await using stack = new AsyncDisposableStack()
  const seen: Seen[] = []
  const answer = { status: 200, headers: {} as Record<string, string> }
  const part = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer)
    } catch {
      return // What was cut off was not handed on.
    }
    const { method = '', url = '', headers } = request
    // The gateway follows by itself what becomes of keys.
    if (url.startsWith('/feed')) return response.writeHead(404).end()
    seen.push({ method, path: url, headers, body: Buffer.concat(chunks) })
    response.writeHead(answer.status, answer.headers).end('{"received":1}')
  })
  await new Promise<void>((resolve) => part.listen(0, '127.0.0.1', resolve))
  const down = async () => {
    part.closeAllConnections()
    await new Promise((resolve) => part.close(resolve))
  }
  stack.defer(down)
  const home = stack.use(await temporaryDirectory())
  const issuer = await openIssuer({ home: home.path, clock: systemClock })
  const url = `http://127.0.0.1:${(part.address() as AddressInfo).port}`
  const subgraphs = Object.fromEntries(PART_NAMES.map((name) => [name, url]))
  const gateway = stack.use(await openGateway(issuer, subgraphs, edge ? { edge } : {}))
  const post = (body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}, path = PATH) =>
    fetch(`${gateway.url}${path}`, {
      method: 'POST',
      body,
      headers: { ...SIGNED, ...headers },
      duplex: 'half',
    } as RequestInit)
  const all = stack.move()
  return { seen, answer, down, gateway, post, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

it('hands a webhook on as it came, byte by byte, under a principal of no organisation', async () => {
  await using t = await bed()
  const body = Buffer.from([0, 255, 13, 10, 34, 92, 123])
  const response = await t.post(
    body,
    {
      'content-type': 'text/anything',
      authorization: 'Bearer x',
      cookie: 'a=b',
      'x-hub-intake-address': '6.6.6.6',
    },
    `${PATH}/company?a=%2F%20b&c`,
  )
  expect([response.status, await response.json()]).toEqual([200, { received: 1 }])
  const [{ method, path, headers, body: got }] = t.seen as [Seen]
  expect([method, path]).toEqual(['POST', '/webhooks/hubspot/company?a=%2F%20b&c'])
  expect(got).toEqual(body)
  const { authorization, cookie, ...rest } = headers
  expect([authorization, cookie]).toEqual([undefined, undefined])
  expect(rest).toMatchObject({
    ...SIGNED,
    'content-type': 'text/anything',
    'x-hub-intake-url': `${t.gateway.url}${PATH}/company?a=%2F%20b&c`,
    'x-hub-intake-address': '127.0.0.1',
  })
  const principal = await principalSeal(SECRET, systemClock).verify(headers['x-hub-principal'] as string)
  expect(principal).toMatchObject({ kind: 'system', id: 'system:intake', orgId: null, scopes: [] })
})

it('believes of forwarded addresses only what its own proxies added, and knows its public one', async () => {
  const forwarded = {
    'x-forwarded-for': '6.6.6.6, 203.0.113.9, 10.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example, hub.example.com, inner',
  }
  const shown = async (edge?: Edge) => {
    await using t = await bed(edge)
    await t.post('[]', forwarded)
    const { 'x-hub-intake-url': url, 'x-hub-intake-address': address } = t.seen[0]!.headers
    return [String(url).replace(t.gateway.url, 'OWN'), address]
  }
  expect(await shown()).toEqual([`OWN${PATH}`, '127.0.0.1'])
  expect(await shown({ trustedProxies: 2 })).toEqual([`https://hub.example.com${PATH}`, '203.0.113.9'])
  expect(await shown({ trustedProxies: 0, publicUrl: 'https://me.example/hub' })).toEqual([
    `https://me.example/hub${PATH}`,
    '127.0.0.1',
  ])
})

it('refuses what is packed or too large before a byte of it is handed on, told or not', async () => {
  await using t = await bed()
  const packed = await t.post(gzipSync(Buffer.alloc(10_000_000)), { 'content-encoding': 'gzip' })
  expect(packed.status).toBe(415)
  expect((await t.post(Buffer.alloc(5 << 20))).status).toBe(413)
  expect(t.seen).toEqual([])
  const chunk = Buffer.alloc(1 << 18)
  const endless = new ReadableStream({ pull: (to) => to.enqueue(chunk) })
  const status = await t.post(endless).then(
    (response) => response.status,
    () => 'cut off',
  )
  expect([413, 'cut off']).toContain(status)
  expect(t.seen).toEqual([])
  expect((await t.post('[]')).status).toBe(200)
})

it('asks the sender to come again when the subgraph is down, or has trouble of its own', async () => {
  await using t = await bed()
  t.answer.status = 500
  const troubled = await t.post('[]')
  expect([troubled.status, troubled.headers.get('retry-after')]).toEqual([503, '1'])
  t.answer.status = 401
  expect((await t.post('[]')).status).toBe(401)
  await t.down()
  const gone = await t.post('[]')
  expect([gone.status, gone.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await gone.json()).toMatchObject({ code: 'HUB_UNAVAILABLE' })
})

it('lets go of a sender that leaves in the middle', async () => {
  await using t = await bed()
  const sending = open(`${t.gateway.url}${PATH}`, { method: 'POST', headers: SIGNED })
  sending.on('error', () => undefined)
  sending.write('[')
  await new Promise((resolve) => setTimeout(resolve, 50))
  sending.destroy()
  expect((await t.post('[]')).status).toBe(200)
  expect(t.seen.map(({ body }) => String(body))).toEqual(['[]'])
})
