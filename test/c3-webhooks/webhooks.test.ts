import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import type { Journal } from '#test/kit/simulator.ts'
import { DEMO, EMPTY } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { type WebhookBed, webhookBed } from './bed.ts'

// One connection to whose address all of this is posted.
let bed: WebhookBed
beforeAll(async () => {
  bed = await webhookBed({ companies: 40 })
})
afterAll(() => bed[Symbol.asyncDispose]())

const quantity = async (stockId: string): Promise<number> =>
  (await bed.rows('inventory.inventory')).find((row) => row.c3_stock_id === stockId)?.quantity_available
/** The different quantities that these rows have. */
const quantities = async (ids: readonly string[]): Promise<number[]> => {
  const own = (await bed.rows('inventory.inventory')).filter((row) => ids.includes(row.c3_stock_id))
  return [...new Set(own.map((row) => row.quantity_available))]
}
/** C3 changes it and tells nobody: its webhook is silent until the next call of `loud`. */
const silence = () => bed.sim('faults', { webhooks: { drop: 1 } })
const loud = () => bed.sim('faults', { webhooks: { drop: 0 } })
const changeSilently = async (stockId: string, quantityAvailable: number) => {
  await silence()
  await bed.sim('records/inventory', { stockId, quantityAvailable })
}
const stockIds = async () => (await bed.records('inventory')).map(({ stockId }) => String(stockId))
/** The readings of records by their ids since the journal was emptied. */
const readings = async () =>
  (await bed.sim<Journal>('journal')).entries.filter(({ path }) => path.includes('ids='))
const status = async (sent: Promise<Response>) => {
  const answer = await sent
  await answer.body?.cancel()
  return answer.status
}

it('brings over what C3 tells moments later, under a secret that only the two know, and shows how its webhook is doing', async () => {
  const [stockId = ''] = await stockIds()
  await bed.sim('records/inventory', { stockId, quantityAvailable: 31_415 })
  await until(async () => (await quantity(stockId)) === 31_415)
  const shown = await until(async () => {
    const found = await bed.shown(bed.id)
    return found.webhooks?.days[0]?.applied === 1 ? found : undefined
  })
  expect(shown.webhook).toMatchObject({
    ...{ url: `${bed.publicUrl}/api/v1/webhooks/c3/${bed.id}`, error: null, formerSecretUntil: null },
  })
  expect(shown.webhooks).toMatchObject({ waiting: 0, failed: 0, days: [{ deliveries: 1, events: 1 }] })
  const [secret = ''] = await bed.secrets()
  expect(secret.length).toBeGreaterThanOrEqual(43)
  const kept = [
    ...(await bed.rows('inventory.webhook_secrets')),
    ...(await bed.rows('service.audit_log')),
    ...(await bed.rows('events.recorded')),
    ...bed.lines,
  ]
  expect(JSON.stringify(kept)).not.toContain(secret)
})

it('fault 38 (c3): a delivery that comes fifty times at once has one effect', async () => {
  const [, stockId = ''] = await stockIds()
  await changeSilently(stockId, 27_182)
  await bed.sim('journal', undefined, 'DELETE')
  const before = await bed.rows('inventory.webhook_deliveries')
  const sent = bed.body([bed.event('inventory', stockId)])
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => status(bed.deliver({ ...sent, attempt: n + 1 }))),
  )
  expect(answers).toEqual(Array(50).fill(200))
  await until(async () => (await quantity(stockId)) === 27_182)
  await bed.settled()
  expect(await readings()).toHaveLength(1)
  expect(await bed.rows('inventory.webhook_deliveries')).toHaveLength(before.length + 1)
  const seen = (await bed.rows('inventory.webhook_events')).map((row) => row.seen)
  expect(seen).toContain(50)
})

it('fault 39 (c3): events that come out of order leave what C3 has', async () => {
  const [, , stockId = ''] = await stockIds()
  const first = bed.event('inventory', stockId, {
    version: 2,
    occurredAt: new Date(systemClock.now().getTime() - 2_000).toISOString(),
  })
  await changeSilently(stockId, 100)
  await changeSilently(stockId, 200)
  const second = bed.event('inventory', stockId, { version: 3 })
  expect(await status(bed.deliver(bed.body([second])))).toBe(200)
  await until(async () => (await quantity(stockId)) === 200)
  expect(await status(bed.deliver(bed.body([first])))).toBe(200)
  await bed.settled()
  expect(await quantity(stockId)).toBe(200)
})

it('fault 40 (c3): what is forged or changed on the way is refused, and nothing of it is kept', async () => {
  const [stockId = ''] = await stockIds()
  const before = await bed.rows('inventory.webhook_deliveries')
  const sent = JSON.stringify(bed.body([bed.event('inventory', stockId)]))
  const refused = () => bed.lines.filter(({ event }) => event === 'webhook.refused').length
  const known = refused()
  const forged = [
    bed.deliver(sent, { secret: 'another secret' }),
    bed.deliver(sent, { signs: sent.replace('CHANGED', 'DELETED') }),
    bed.deliver(`${sent} `, { signs: sent }),
    bed.deliver(sent, { headers: { 'x-c3-signature': `v0=${'0'.repeat(64)}` } }),
    bed.deliver(sent, { headers: { 'x-c3-signature': '' } }),
    bed.deliver(sent, { headers: { 'x-c3-timestamp': '1' } }),
    bed.deliver(sent, { headers: { 'x-c3-timestamp': 'now' } }),
  ]
  expect(await Promise.all(forged.map(status))).toEqual(Array(forged.length).fill(401))
  expect(refused() - known).toBe(forged.length)
  expect(await bed.rows('inventory.webhook_deliveries')).toHaveLength(before.length)
  expect(await bed.rows('sync.signals')).toEqual([])
})

it('fault 41 (c3): a delivery counts for five minutes by our clock, and not before its time', async () => {
  const at = async (offsetMs: number) =>
    await status(bed.deliver(bed.body([bed.event('inventory', 'S-NOBODY')]), { offsetMs }))
  expect([await at(-301_000), await at(600_000)]).toEqual([401, 401])
  expect([await at(-290_000), await at(240_000)]).toEqual([200, 200])
  await bed.settled()
})

it('fault 42 (c3): the same signed words once more are taken and do nothing', async () => {
  const [, , , stockId = ''] = await stockIds()
  await changeSilently(stockId, 1_618)
  const sent = bed.body([bed.event('inventory', stockId)])
  expect(await status(bed.deliver(sent))).toBe(200)
  await until(async () => (await quantity(stockId)) === 1_618)
  await bed.settled()
  const kept = await bed.rows('inventory.webhook_deliveries')
  await bed.sim('journal', undefined, 'DELETE')
  expect(await status(bed.deliver(sent))).toBe(200)
  expect(await bed.rows('sync.signals')).toEqual([])
  expect(await bed.rows('inventory.webhook_deliveries')).toHaveLength(kept.length)
  expect(await readings()).toEqual([])
})

it('fault 43 (c3): bodies that would burst it are refused before they are parsed', async () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
  const wide = `[${'1,'.repeat(100_000)}1]`
  for (const body of [deep, wide, '{', 'null', '{"events":[]}'])
    expect([body.length, await status(bed.deliver(body))]).toEqual([body.length, 400])
  expect(
    await status(bed.deliver('x'.repeat(1 << 21)).catch(() => new Response(null, { status: 413 }))),
  ).toBe(413)
})

it('fault 44 (c3): what comes for an unknown connection, or from another account, touches nothing', async () => {
  const [stockId = ''] = await stockIds()
  const sent = bed.body([bed.event('inventory', stockId)])
  for (const connection of [
    '00000000-0000-4000-8000-00000000ffff',
    'nonsense',
    encodeURIComponent("' or true"),
  ])
    expect([connection, await status(bed.deliver(sent, { connection }))]).toEqual([connection, 401])
  expect(await status(bed.deliver({ ...sent, accountId: 'C3-OTHER' }))).toBe(200)
  const kept = await bed.rows('inventory.webhook_deliveries')
  expect(kept.filter((row) => row.status === 'UNROUTABLE')).toMatchObject([
    { account_id: 'C3-OTHER', raw_sealed: null },
  ])
  expect(await bed.rows('sync.signals')).toEqual([])
  expect(bed.lines.some(({ event }) => event === 'webhook.unroutable')).toBe(true)
})

it('fault 46 (c3): a burst is acknowledged as it comes, and applied', async () => {
  const ids = (await stockIds()).slice(0, 60)
  await silence()
  await Promise.all(ids.map((stockId) => bed.sim('records/inventory', { stockId, quantityAvailable: 777 })))
  const events = Array.from({ length: 1_000 }, (_, n) => bed.event('inventory', ids[n % ids.length] ?? ''))
  const deliveries = Array.from({ length: 100 }, (_, n) => bed.body(events.slice(n * 10, n * 10 + 10)))
  const answers: number[] = []
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      for (let one = deliveries.shift(); one; one = deliveries.shift())
        answers.push(await status(bed.deliver(one)))
    }),
  )
  expect(answers).toEqual(Array(100).fill(200))
  await bed.settled()
  expect(await quantities(ids)).toEqual([777])
})

it('fault 48 (c3): a storm about two hundred records is read in few requests, and none is lost', async () => {
  const turn = (verb: string) =>
    bed.ask(
      `mutation ($id: ID!) { ${verb}C3Connection(integrationId: $id, direction: IN, type: "inventory") { __typename } }`,
      { id: bed.id },
    )
  await turn('pause')
  await bed.calm()
  const ids = (await stockIds()).slice(0, 200)
  await silence()
  await Promise.all(ids.map((stockId) => bed.sim('records/inventory', { stockId, quantityAvailable: 888 })))
  const events = Array.from({ length: 1_000 }, (_, n) => bed.event('inventory', ids[n % ids.length] ?? ''))
  for (let n = 0; n < 10; n++)
    expect(await status(bed.deliver(bed.body(events.slice(n * 100, n * 100 + 100))))).toBe(200)
  expect(await bed.rows('sync.signals')).toHaveLength(ids.length)
  await bed.sim('journal', undefined, 'DELETE')
  await turn('resume')
  await bed.calm()
  await bed.settled()
  expect((await readings()).length).toBeLessThanOrEqual(Math.ceil(ids.length / 100))
  expect(await quantities(ids)).toEqual([888])
})

it('fault 49 (c3): while the secret is renewed both count, none is refused, and the one before ends', async () => {
  await loud()
  const [former = ''] = await bed.secrets()
  const [stockId = ''] = await stockIds()
  const isTaken = async (secret: string) =>
    await status(bed.deliver(bed.body([bed.event('inventory', stockId)]), { secret }))
  expect(await bed.ask('mutation { renewC3Webhook { __typename } }')).toEqual({
    __typename: 'C3WebhookRenewed',
  })
  const [now = ''] = await bed.secrets()
  expect(now).not.toBe(former)
  expect([await isTaken(former), await isTaken(now)]).toEqual([200, 200])
  // C3 posts all the while, with whichever of the two it has.
  for (let n = 0; n < 5; n++) await bed.sim('records/inventory', { stockId, quantityAvailable: 5_000 + n })
  const { webhook } = await until(async () => {
    const shown = await bed.shown(bed.id)
    return shown.webhook.formerSecretUntil ? shown : undefined
  })
  await bed.sim('records/inventory', { stockId, quantityAvailable: 6_000 })
  await until(async () => (await quantity(stockId)) === 6_000)
  expect(Date.parse(webhook.formerSecretUntil)).toBeGreaterThan(systemClock.now().getTime() + 24 * 3_600_000)
  const told = await bed.sim<{ counts: { failed: number } }>('webhooks/journal')
  expect(told.counts.failed).toBe(0)
  expect([await isTaken(former), await isTaken(now)]).toEqual([200, 200])
  await bed.database.transaction(DEMO, (tx) =>
    sql`update inventory.webhook_secrets set ends_at = ${systemClock.now()} where ends_at is not null`.execute(
      tx,
    ),
  )
  expect([await isTaken(former), await isTaken(now)]).toEqual([401, 200])
  await bed.settled()
})

const LIST = `query ($filter: WebhookDeliveryFilter, $first: Int! = 20, $after: Cursor) {
  c3WebhookDeliveries(filter: $filter, first: $first, after: $after) {
    nodes { id integration { id } accountId deliveryId receivedAt oldestEventAt attempt status eventCount duplicateCount ignoredCount appliedAt latencyMs replayedAt
      events { eventId kind type externalId version occurredAt } records { type externalId } }
    pageInfo { endCursor hasNextPage }
  }
}`
const REPLAY = `mutation ($id: ID!) { replayC3Delivery(id: $id) { __typename
  ... on C3DeliveryReplayed { delivery { id status replayedAt appliedAt } receipt { position } } ... on Refusal { code message } } }`
interface Listed {
  nodes: ({ id: string; status: string; receivedAt: string; replayedAt: string | null } & Record<
    string,
    unknown
  >)[]
  pageInfo: { endCursor: string; hasNextPage: boolean }
}
const listed = async (variables: object = {}, orgId?: string) =>
  (await bed.ask(LIST, { ...variables }, orgId)) as unknown as Listed
const replayed = (id: string, orgId?: string) => bed.ask(REPLAY, { id }, orgId)

it('lists what C3 told and what became of it, page by page and by state, connection and time', async () => {
  await bed.refresh()
  const [stockId = ''] = await stockIds()
  await silence()
  const [first, again, other] = [
    bed.event('inventory', stockId),
    bed.event('rfqs', 'R-NOBODY'),
    bed.event('gadgets', 'G-1'),
  ]
  const before = (await listed()).nodes[0]!
  const one = bed.body([first, other], { attempt: 2 })
  const two = bed.body([first, again])
  const three = bed.body([other, bed.event('gadgets', 'G-2')])
  for (const body of [one, two, three]) expect(await status(bed.deliver(body))).toBe(200)
  await bed.settled()
  const filter = { receivedFrom: new Date(Date.parse(before.receivedAt) + 1).toISOString() }
  const { nodes } = await until(async () => {
    const found = await listed({ filter })
    return found.nodes.every(({ status }) => status !== 'RECEIVED') ? found : undefined
  })
  const { id: connection } = bed
  expect(nodes).toMatchObject([
    {
      deliveryId: three.deliveryId,
      status: 'IGNORED',
      eventCount: 2,
      duplicateCount: 1,
      ignoredCount: 1,
      appliedAt: null,
      latencyMs: null,
    },
    {
      deliveryId: two.deliveryId,
      status: 'APPLIED',
      eventCount: 2,
      duplicateCount: 1,
      records: [{ type: 'rfqs', externalId: 'R-NOBODY' }],
    },
    {
      ...{
        integration: { id: connection },
        accountId: 'C3-7',
        deliveryId: one.deliveryId,
        attempt: 1,
        status: 'APPLIED',
      },
      ...{
        eventCount: 2,
        duplicateCount: 0,
        ignoredCount: 1,
        latencyMs: expect.any(Number),
        replayedAt: null,
      },
      records: [{ type: 'inventory', externalId: stockId }],
      events: [
        {
          eventId: first.eventId,
          kind: 'CHANGED',
          type: 'inventory',
          externalId: stockId,
          version: 2,
          occurredAt: first.occurredAt,
        },
        { eventId: other.eventId, type: 'gadgets', externalId: 'G-1' },
      ],
    },
  ])
  const page = await listed({ filter, first: 2 })
  const rest = await listed({ filter, first: 2, after: page.pageInfo.endCursor })
  expect([page.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([true, false])
  expect([...page.nodes, ...rest.nodes].map(({ id }) => id)).toEqual(nodes.map(({ id }) => id))
  const ofState = async (more: object) =>
    (await listed({ filter: { ...filter, ...more } })).nodes.map(({ id }) => id)
  expect(await ofState({ status: ['IGNORED'], integrationId: connection })).toEqual([nodes[0]!.id])
  expect(await ofState({ integrationId: 'nobody' })).toEqual([])
  expect(await ofState({ receivedBefore: filter.receivedFrom })).toEqual([])
  expect((await listed({}, EMPTY)).nodes).toEqual([])
})

it('has the records of a delivery read again when somebody says so, and keeps in the books who did', async () => {
  const [stockId = ''] = await stockIds()
  const [nothing, , delivery] = (await listed()).nodes
  await changeSilently(stockId, 4_321)
  expect(await replayed(delivery!.id, EMPTY)).toMatchObject({ __typename: 'Missing' })
  expect(await replayed('nonsense')).toMatchObject({ __typename: 'Missing', code: 'NOT_FOUND' })
  expect(await replayed(nothing!.id)).toMatchObject({ __typename: 'Invalid' })
  const [foreign] = (await listed({ filter: { status: ['UNROUTABLE'] } })).nodes
  expect(await replayed(foreign!.id)).toMatchObject({
    __typename: 'Invalid',
    message: expect.stringMatching(/another account/),
  })
  const told = await replayed(delivery!.id)
  expect(told).toMatchObject({
    __typename: 'C3DeliveryReplayed',
    delivery: { id: delivery!.id, status: 'RECEIVED', appliedAt: null },
    receipt: { position: expect.any(String) },
  })
  await until(async () => (await quantity(stockId)) === 4_321)
  const now = await until(async () => {
    const found = (await listed()).nodes.find(({ id }) => id === delivery!.id)
    return found?.status === 'APPLIED' ? found : undefined
  })
  expect(now.replayedAt).toBe(told.delivery.replayedAt)
  const books = (await bed.rows('service.audit_log')).filter(({ action }) => action === 'replayC3Delivery')
  expect(books).toMatchObject([
    { who_id: 'user:test', subject_type: 'C3WebhookDelivery', subject_id: delivery!.id },
  ])
})

it('destroys the secrets of a connection that is ended, takes its webhook away at C3, and believes nothing any more', async () => {
  const [secret = ''] = await bed.secrets()
  const [delivery] = (await listed()).nodes
  await bed.ask('mutation { disconnectC3 { __typename } }')
  expect(await replayed(delivery!.id)).toMatchObject({
    __typename: 'Invalid',
    message: expect.stringMatching(/ended/),
  })
  expect(await bed.rows('inventory.webhook_secrets')).toEqual([])
  expect((await bed.sim<{ webhook: unknown }>('webhooks')).webhook).toBeNull()
  expect(await status(bed.deliver(bed.body([bed.event('rfqs', 'R-1')]), { secret }))).toBe(401)
  expect((await bed.shown(bed.id)).webhook).toBeNull()
})
