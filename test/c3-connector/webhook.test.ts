import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { type Delivery, isSignedBy, readClaim, readDelivery, signDelivery } from '#connectors/c3/index.ts'
import { misfitsOf } from '#connectors/c3/simulator/contract.ts'
import { until } from '#test/kit/until.ts'
import { startC3 } from './bed.ts'

const SECRET = 'a secret of thirty-two letters, or more'

/** Somebody whom C3 tells what has changed. `answers`: the statuses of the next answers, then 204. */
const startReceiver = async () => {
  const posts: { headers: IncomingHttpHeaders; raw: Buffer; told: Delivery }[] = []
  const answers: number[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const raw = Buffer.concat(chunks)
    posts.push({ headers: request.headers, raw, told: JSON.parse(raw.toString()) as Delivery })
    response.writeHead(answers.shift() ?? 204).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/c3`,
    posts,
    answers,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

it('posts what has changed, signed and as promised, and only of the kinds that were asked for', async () => {
  await using receiver = await startReceiver()
  await using on = await startC3()
  const set = await on.c3.setWebhook({ url: receiver.url, secret: SECRET, entities: ['rfqs', 'inventory'] })
  expect(set).toEqual(await on.c3.webhook())
  await on.sim('records/customers', { customerId: 'C-NEW' })
  await on.sim('records/rfqs', { rfqId: 'R-50001', buyer: 'Somebody' })
  await on.sim('records/inventory', { stockId: 'S-100000', deleted: true })
  await on.c3.write('rfq-updates', [{ key: 'k', rfqId: 'R-50001', note: 'ours' }])
  const events = () => receiver.posts.flatMap(({ told }) => told.events)
  await until(() => events().length === 3)
  expect(receiver.posts.flatMap(({ told }) => misfitsOf('Delivery', told))).toEqual([])
  expect(events().map(({ entity, id, version, kind }) => [entity, id, version, kind])).toEqual([
    ['rfqs', 'R-50001', 2, 'CHANGED'],
    ['inventory', 'S-100000', 2, 'DELETED'],
    ['rfqs', 'R-50001', 3, 'CHANGED'],
  ])
  const [{ headers, raw, told }] = receiver.posts as [(typeof receiver.posts)[number]]
  const claim = readClaim(headers, on.clock.now())
  if (typeof claim === 'string') throw new Error(claim)
  expect(isSignedBy(['another secret', SECRET], claim, raw)).toBe(true)
  expect(isSignedBy(['another secret'], claim, raw)).toBe(false)
  expect(isSignedBy([SECRET], claim, Buffer.concat([raw, Buffer.from(' ')]))).toBe(false)
  expect(isSignedBy([SECRET], { ...claim, timestamp: String(Number(claim.timestamp) + 1) }, raw)).toBe(false)
  expect(readDelivery(raw)).toEqual({ ...told, unreadable: 0 })
})

it('posts again what was not received, as the same delivery, and nothing after 410', async () => {
  await using receiver = await startReceiver()
  receiver.answers.push(500, 204, 410)
  await using on = await startC3()
  await on.c3.setWebhook({ url: receiver.url, secret: SECRET, entities: ['rfqs'] })
  await on.sim('webhooks', { retryScale: 0.001 })
  await on.sim('records/rfqs', { rfqId: 'R-50001', buyer: 'One' })
  await until(() => receiver.posts.length === 2)
  const [first, again] = receiver.posts.map(({ told }) => told)
  expect(again).toEqual({ ...first, attempt: 2 })
  await on.sim('records/rfqs', { rfqId: 'R-50001', buyer: 'Two' })
  await until(async () => (await on.c3.webhook())?.isActive === false)
  await on.sim('records/rfqs', { rfqId: 'R-50001', buyer: 'Three' })
  const { counts } = await on.sim<{ counts: Record<string, number> }>('webhooks/journal')
  expect(counts).toMatchObject({ attempts: 3, delivered: 1, failed: 2, givenUp: 0 })
  expect((await on.sim<{ waiting: object }>('webhooks')).waiting).toEqual({
    events: 0,
    inFlight: 0,
    retrying: 0,
  })
})

it('reads no more of a delivery than a delivery can be', () => {
  const body = (value: unknown) => Buffer.from(JSON.stringify(value))
  const event = {
    eventId: 'E',
    entity: 'rfqs',
    id: 'R',
    version: 1,
    kind: 'CHANGED',
    occurredAt: '2026-11-20T12:00:00Z',
  }
  const told = { deliveryId: 'd', accountId: 'a', attempt: 1, events: [event] }
  expect(readDelivery(body(told))?.events).toHaveLength(1)
  expect(readDelivery(body({ ...told, events: [event, { id: 7 }, null] }))).toMatchObject({ unreadable: 2 })
  expect(readDelivery(body({ ...told, events: Array(1_001).fill(event) }))).toBeUndefined()
  expect(readDelivery(body([event]))).toBeUndefined()
  expect(readDelivery(Buffer.from('{"deliveryId": "d'))).toBeUndefined()
  expect(readDelivery(Buffer.from([0xff, 0xfe]))).toBeUndefined()
  expect(readDelivery(Buffer.from(`{"deliveryId":${'['.repeat(50)}${']'.repeat(50)}}`))).toBeUndefined()
})

it('believes no delivery that is too old, from the future, or says nothing of its time', () => {
  const now = new Date('2026-11-20T12:00:00Z')
  const at = (seconds: number) => {
    const timestamp = String(now.getTime() / 1_000 + seconds)
    return readClaim(
      { 'x-c3-timestamp': timestamp, 'x-c3-signature': signDelivery(SECRET, timestamp, Buffer.from('{}')) },
      now,
    )
  }
  expect(at(-300)).toMatchObject({ ageMs: 300_000 })
  expect(at(-301)).toBe('too old')
  expect(at(301)).toBe('from the future')
  expect(readClaim({ 'x-c3-signature': 'v1=0' }, now)).toBe('no timestamp')
  expect(readClaim({ 'x-c3-timestamp': 'yesterday', 'x-c3-signature': 'v1=0' }, now)).toBe('no timestamp')
  expect(readClaim({}, now)).toBe('no signature')
})
