import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { type Resolve, reachOnly } from '#connectors/c3/index.ts'
import { exchange } from '#connectors/http.ts'
import { until } from '#test/kit/until.ts'
import { connectionBed } from './bed.ts'

const OUTSIDE = '203.0.113.7'
const LOOPBACK = '127.0.0.1'
const LIMITS = { deadlineMs: 5_000, maxBytes: 1_000_000 }

/** Whoever has a name: says one address after the other, then the last one for ever. */
const nameServer = (...answers: string[][]) => {
  const asked: string[] = []
  const resolve: Resolve = (name, _, done) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)]!
    asked.push(name)
    done(
      null,
      answer.map((address) => ({ address, family: 4 })),
    )
  }
  return { asked, resolve, says: (...next: string[][]) => answers.splice(0, answers.length, ...next) }
}

/** Something of the inside that nobody is to reach: counts whoever connects. */
const insider = async () => {
  let met = 0
  const server = createServer((socket) => {
    met += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    met: () => met,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

it('connects to nobody inside though the name of a C3 led outside a moment before, when it is connected and whenever it is read', async () => {
  await using inside = await insider()
  const names = nameServer([OUTSIDE], [LOOPBACK])
  await using bed = await connectionBed({ resolve: names.resolve })
  const baseUrl = `https://c3.example:${inside.port}`
  expect(await bed.connect({ baseUrl })).toMatchObject({ code: 'HUB_ADDRESS_REFUSED', field: 'baseUrl' })
  // Once when the address was judged, and once when it was to be called.
  expect(names.asked).toEqual(['c3.example', 'c3.example'])
  // One address outside does not make up for another one inside.
  names.says([OUTSIDE], [OUTSIDE, LOOPBACK])
  names.asked.length = 0
  expect((await bed.connect({ baseUrl })).code).toBe('HUB_ADDRESS_REFUSED')
  expect(await bed.rows('inventory.integrations')).toEqual([])

  // The same of one that was well when it was connected.
  const { integration } = await bed.connect()
  await bed.calm()
  await bed.database.transaction('00000000-0000-4000-8000-000000000001', (tx) =>
    sql`update inventory.integrations set base_url = ${baseUrl}, is_guarded = true where id = ${integration.id}`.execute(
      tx,
    ),
  )
  names.says([OUTSIDE], [LOOPBACK])
  names.asked.length = 0
  await bed.ask('mutation { startC3Sync { __typename } }')
  await bed.calm()
  const [last] = (await bed.runs()).sort((a, b) => b.requested_at - a.requested_at)
  expect(last).toMatchObject({ state: 'FAILED', error_code: 'HUB_ADDRESS_REFUSED' })
  expect(names.asked.length).toBeGreaterThanOrEqual(2)
  expect(inside.met()).toBe(0)
})

it('asks for a name once for each connection, and for none that is kept', async () => {
  const server = createHttpServer((request, response) => {
    const packed = { '/gzip': gzipSync, '/br': brotliCompressSync }[request.url ?? '']
    const encoding = packed ? { 'content-encoding': request.url!.slice(1) } : {}
    const body = Buffer.from('plain'.repeat(request.url === '/gzip' ? 1_000_000 : 1))
    response.writeHead(200, { 'content-type': 'text/plain', ...encoding }).end(packed ? packed(body) : body)
  })
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve))
  const { port } = server.address() as AddressInfo
  const names = nameServer([LOOPBACK])
  const judged: string[] = []
  const reach = reachOnly((address) => {
    judged.push(address)
    return address === LOOPBACK ? undefined : new Error('not there')
  }, names.resolve)
  const call = (path: string, maxBytes = LIMITS.maxBytes) =>
    exchange(
      'C3',
      { method: 'GET', url: `http://c3.example:${port}${path}`, headers: {} },
      { ...LIMITS, maxBytes, reach },
    )
  expect((await call('/')).text).toBe('plain')
  expect((await call('/br')).text).toBe('plain')
  expect([names.asked, judged]).toEqual([['c3.example'], [LOOPBACK]])
  // What a packed answer is unpacked to counts.
  await expect(call('/gzip')).rejects.toMatchObject({ code: 'HUB_VENDOR_UNAVAILABLE' })
  expect((await call('/gzip', 10_000_000)).text).toHaveLength(5_000_000)
  server.closeAllConnections()
  await until(async () => (await call('/')).text === 'plain')
  expect(names.asked).toHaveLength(2)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
