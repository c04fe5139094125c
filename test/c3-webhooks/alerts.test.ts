import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { tendWebhooksWith } from '#subgraphs/inventory/jobs/set-webhook.ts'
import { recordingLog } from '#test/kit/log.ts'
import { type Operators, operators } from '#test/kit/operators.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { type WebhookBed, webhookBed } from './bed.ts'

// One C3 that gives operators one trouble after the other.
let bed: WebhookBed
let told: Operators
beforeAll(async () => {
  told = await operators()
  bed = await webhookBed({ companies: 12, opsWebhookUrl: told.url })
})
afterAll(async () => {
  await bed?.[Symbol.asyncDispose]()
  await told[Symbol.asyncDispose]()
})

const alerts = async () =>
  (await bed.rows('events.recorded')).flatMap(({ name, payload }) =>
    name === 'inventory.alert.raised' ? [payload] : [],
  )
const raised = (code: string) => until(async () => (await alerts()).find((alert) => alert.code === code))
const heard = (code: string) =>
  until(() => told.messages.find(({ status, body }) => status === 204 && body.code === code)?.body)
const post = async (sending: object) => {
  const answer = await bed.deliver(bed.body([bed.event('inventory', 'S-1')]), sending)
  await answer.body?.cancel()
  return answer.status
}

it('tells operators of a C3 that refuses three runs: by an event, a line and a message that is sent until it is taken', async () => {
  await bed.sim('faults', {
    path: '/c3/inventory',
    play: { do: 'status', status: 400, body: { message: 'Mrs Canary' } },
  })
  for (let run = 1; run <= 3; run++) {
    expect(await alerts()).toEqual([])
    const started = await bed.ask('mutation { startC3Sync(mode: FULL) { __typename } }')
    expect(started).toEqual({ __typename: 'SyncStarted' })
    await bed.calm()
  }
  await bed.sim('faults', undefined, 'DELETE')
  const alert = await raised('HUB_VENDOR_REFUSED')
  expect(alert).toMatchObject({ integrationId: bed.id, subject: 'CONNECTION', type: null, count: 3 })
  expect(await heard('HUB_VENDOR_REFUSED')).toEqual({
    ...{ event: 'inventory.alert.raised', orgId: DEMO },
    ...alert,
  })
  expect(bed.lines.filter(({ msg }) => msg === 'alert raised')).toHaveLength(1)
  expect(JSON.stringify([told.messages, bed.lines, await alerts()])).not.toContain('Canary')
})

it('tells operators of records of C3 that cannot be stored, once they were tried three times', async () => {
  const [{ stockId }] = (await bed.records('inventory')) as [{ stockId: string }]
  // More than a row can hold: C3 posts it, and each reading of it fails.
  await bed.sim('records/inventory', { stockId, quantityAvailable: 3_000_000_000 })
  const alert = await until(async () => (await alerts()).find(({ subject }) => subject === 'RECORD'))
  expect(alert).toMatchObject({ integrationId: bed.id, type: 'inventory', count: 1 })
  expect(JSON.stringify(alert)).not.toContain('3000000000')
  await bed.sim('records/inventory', { stockId, quantityAvailable: 3 })
})

it('tells operators of three webhooks in a row that were not rightly signed, once, and not of what strangers mix in', async () => {
  const wrong = { secret: 'another secret' }
  for (let n = 0; n < 3; n++) {
    expect([await post(wrong), await post(wrong), await post({})]).toEqual([401, 401, 200])
  }
  expect((await alerts()).filter(({ code }) => code === 'HUB_WEBHOOK_REFUSED')).toEqual([])
  for (let n = 0; n < 7; n++) expect(await post(wrong)).toBe(401)
  expect(await raised('HUB_WEBHOOK_REFUSED')).toMatchObject({ integrationId: bed.id, count: 3 })
  expect(await heard('HUB_WEBHOOK_REFUSED')).toMatchObject({ orgId: DEMO, integrationId: bed.id })
  expect((await alerts()).filter(({ code }) => code === 'HUB_WEBHOOK_REFUSED')).toHaveLength(1)
})

it('tells operators of webhooks that C3 could post only after three tries, and of another account’s', async () => {
  const send = async (more: object) => {
    const answer = await bed.deliver(bed.body([bed.event('inventory', 'S-1')], more))
    expect(answer.status).toBe(200)
    await answer.body?.cancel()
  }
  const { log, lines } = recordingLog()
  const jobs = { enqueue: async () => true, enqueueAll: async () => {}, work: async () => {} }
  const around = { database: bed.database, clock: systemClock, log, published: () => {} }
  const tend = () =>
    tendWebhooksWith({
      vault: undefined as never,
      c3sOf: () => undefined as never,
      publicUrl: undefined,
      sends: false,
    }).run(
      {},
      { ...around, jobs: { ...jobs, [Symbol.asyncDispose]: async () => {} } },
      { id: '1', number: 1, signal: new AbortController().signal },
    )
  // From here on nobody looks by the clock.
  await bed.database.relay((tx) =>
    sql`delete from pgboss.schedule where name = 'tend-c3-webhooks'`.execute(tx),
  )
  await send({ attempt: 3 })
  await tend()
  expect(lines).toEqual([])
  await send({ attempt: 4 })
  await send({ attempt: 9 })
  await send({ accountId: 'C3-8' })
  await tend()
  await tend()
  const at = { integrationId: bed.id, subject: 'CONNECTION' }
  expect(await raised('HUB_WEBHOOK_LATE')).toMatchObject({ ...at, count: 2 })
  expect(await raised('HUB_WEBHOOK_UNROUTABLE')).toMatchObject({ ...at, count: 1 })
  expect(lines).toHaveLength(2)
})

it('tells operators, of no organisation, of an address that is posted to although its connection was ended', async () => {
  await bed.ask('mutation { disconnectC3 { __typename } }')
  for (let n = 0; n < 5; n++) expect(await post({})).toBe(401)
  expect(await heard('HUB_WEBHOOK_UNROUTABLE')).toMatchObject({
    ...{ orgId: null, integrationId: null, subject: 'ADDRESS', count: 3 },
  })
  expect(told.messages.filter(({ body }) => body.subject === 'ADDRESS')).toHaveLength(1)
})
