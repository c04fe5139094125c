import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { type EventName, event, PARTNER_EVENTS } from '#schema/events.ts'
import { schemaOfPartnerEvent } from '#schema/partner-events.ts'
import { admin, DEMO, EMPTY, run } from '#test/hub/hub.ts'
import { until } from '#test/kit/until.ts'
import { isSigned, MAKE, startBed, startPartner, trunk } from './bed.ts'

it('tells a partner of what it wants, signed, with an id that names the place in the log', async () => {
  await using partner = await startPartner()
  await using bed = await startBed()
  const { id, secret } = await bed.make(partner.url)
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  await bed.sibling.tell([trunk('t-1')])
  const [taken] = await until(() => partner.taken.length === 1 && partner.taken)
  expect(taken).toMatchObject({
    id: expect.stringMatching(/^telephony:\d+$/),
    type: 'trunk.changed',
    data: {
      trunkId: 't-1',
      ban: 'B-1',
      status: 'ACTIVE',
      concurrentCalls: 10,
      allowedCalls: null,
      monthlyMinutes: 1000,
    },
  })
  expect(isSigned(secret, taken!)).toBe(true)
  expect(isSigned('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', taken!)).toBe(false)
  // Neither what people call it nor where it is.
  expect(taken!.body).not.toMatch(/Main|198\.51/)
  await until(async () => (await bed.webhook(id)).lastDeliveredAt !== null)
  expect(await bed.deliveries(id)).toMatchObject([
    {
      eventId: taken!.id,
      event: 'TRUNK_CHANGED',
      state: 'DELIVERED',
      dueAt: null,
      tries: [{ status: 204, error: null }],
    },
  ])
  expect(await bed.webhook(id)).toMatchObject({ state: 'ACTIVE', waitingCount: 0, failingSince: null })
})

it('says of a run that it began, came further and ended, each once', async () => {
  await using partner = await startPartner()
  await using bed = await startBed()
  await bed.make(partner.url, [
    'SYNC_STARTED',
    'SYNC_PROGRESSED',
    'SYNC_COMPLETED',
    'SYNC_FAILED',
    'SYNC_CANCELLED',
  ])
  await bed.sibling.progress([run('r-1', { state: 'QUEUED' }), run('r-1'), run('r-1', { done: 5 })])
  await bed.sibling.progress([
    run('r-1', { done: 9, state: 'COMPLETED' }),
    run('r-1', { done: 9, state: 'COMPLETED' }),
  ])
  await bed.sibling.progress([run('r-2', { state: 'RUNNING' }), run('r-2', { state: 'FAILED' })])
  await until(() => partner.taken.filter(({ data }) => data.runId === 'r-2').length === 2)
  await until(() => partner.taken.length === 5)
  const of = (id: string) => partner.taken.filter(({ data }) => data.runId === id).map(({ type }) => type)
  expect(of('r-1')).toEqual(['sync.started', 'sync.progressed', 'sync.completed'])
  expect(of('r-2')).toEqual(['sync.started', 'sync.failed'])
})

const fixtures = new URL('../events/fixtures/', import.meta.url)
/** Events of siblings as they were recorded. */
const recorded = () => {
  const named: EventName[] = [
    ...(['customers.conflict.opened', 'customers.conflict.resolved', 'customers.deal.changed'] as const),
    ...(['customers.ticket.raised', 'telephony.port.changed', 'telephony.brand.changed'] as const),
    ...(['telephony.campaign.changed', 'telephony.alert.opened', 'telephony.alert.closed'] as const),
    ...(['telephony.trunk.changed', 'telephony.number.changed', 'insights.health.changed'] as const),
  ]
  return named.map((name) => {
    const payload = JSON.parse(readFileSync(new URL(`${name}@1.json`, fixtures), 'utf8'))
    const moved = name === 'customers.deal.changed' ? { previousStage: 'another', deleted: false } : {}
    const e911 = name === 'telephony.number.changed' ? { e911: { status: 'REGISTERED', hash: 'h' } } : {}
    return event(name, 'key', { ...payload, ...moved, ...e911 })
  })
}

it('tells of every event that it has published, each as its schema says', async () => {
  await using partner = await startPartner()
  await using bed = await startBed()
  await bed.make(
    partner.url,
    PARTNER_EVENTS.filter((name) => name !== 'WEBHOOK_TEST'),
  )
  await bed.sibling.tell(recorded())
  await bed.sibling.progress([
    ...[run('a'), run('a', { done: 1 }), run('a', { state: 'COMPLETED' })],
    ...[run('b', { state: 'FAILED' }), run('c', { state: 'CANCELLED' })],
  ])
  const types = () => new Set(partner.taken.map(({ type }) => type))
  await until(() => types().size === PARTNER_EVENTS.length - 1)
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  for (const { body, type } of partner.taken) {
    const name = PARTNER_EVENTS.find(
      (one) => (schemaOfPartnerEvent(one) as { title: string }).title === type,
    )!
    const isValid = ajv.validate(schemaOfPartnerEvent(name), JSON.parse(body))
    expect([type, isValid, ajv.errors]).toEqual([type, true, null])
  }
})

it('tells nobody of another organisation’s events, nor of state that is no news', async () => {
  await using partner = await startPartner()
  await using bed = await startBed()
  await bed.make(partner.url)
  const { made } = await bed.query(
    MAKE,
    { input: { name: 'Other', url: partner.url, events: ['CONFLICT_OPENED'] } },
    admin(EMPTY),
  )
  expect(made.secret).toBeDefined()
  await bed.sibling.tell([trunk('theirs')], EMPTY)
  await bed.sibling.tell([trunk('ours')], DEMO)
  await until(() => partner.taken.length > 0)
  expect(partner.taken.map(({ data }) => data.trunkId)).toEqual(['ours'])
  const found = await bed.query('{ partnerWebhooks { id } }', {}, admin(EMPTY))
  expect(found.partnerWebhooks).toHaveLength(1)
})

it('signs with both secrets while one is replaced, and with the new one alone afterwards', async () => {
  await using partner = await startPartner()
  await using bed = await startBed()
  const { id, secret } = await bed.make(partner.url)
  const { rotated } = await bed.query(
    `mutation ($id: ID!) { rotated: rotatePartnerWebhookSecret(id: $id, overlapHours: 2) {
      ... on PartnerWebhookSecretRotated { secret webhook { formerSecretUntil version } } } }`,
    { id },
  )
  expect(rotated).toMatchObject({
    webhook: { version: 2, formerSecretUntil: new Date(bed.clock.now().getTime() + 7_200_000).toISOString() },
  })
  const signedBy = async (trunkId: string) => {
    await bed.sibling.tell([trunk(trunkId)])
    const taken = await until(() => partner.taken.find(({ data }) => data.trunkId === trunkId))
    // Timestamps are of the test's clock: the receiver's is told by the message itself.
    return [secret, rotated.secret].map((each) => isSigned(each, taken))
  }
  expect(await signedBy('both')).toEqual([true, true])
  await bed.query(
    'mutation ($id: ID!) { rotatePartnerWebhookSecret(id: $id, overlapHours: 0) { __typename } }',
    { id },
  )
  expect(await signedBy('neither')).toEqual([false, false])
  expect((await bed.webhook(id)).formerSecretUntil).toBeNull()
})

it('keeps the secret sealed, and leaves a trace of every change without it', async () => {
  await using partner = await startPartner()
  await using bed = await startBed()
  const { id, secret } = await bed.make(partner.url)
  await bed.query('mutation ($id: ID!) { pausePartnerWebhook(id: $id, reason: "Moving") { __typename } }', {
    id,
  })
  await bed.query('mutation ($id: ID!) { deletePartnerWebhook(id: $id) { __typename } }', { id })
  const rows = await bed.hub.db.database.read(DEMO, async (tx) => [
    ...(await sql<object>`select action, diff from service.audit_log order by at, action`.execute(tx)).rows,
    ...(await sql<object>`select * from events.recorded`.execute(tx)).rows,
  ])
  expect(JSON.stringify(rows)).not.toContain(secret.slice(6))
  expect(
    rows
      .map((row) => (row as { action?: string }).action)
      .filter(Boolean)
      .sort(),
  ).toEqual(['createPartnerWebhook', 'deletePartnerWebhook', 'pausePartnerWebhook'])
  expect(await bed.webhook(id)).toBeNull()
})

it('refuses what cannot be a webhook, says why, and changes nothing behind somebody’s back', async () => {
  await using bed = await startBed()
  const refused = async (input: object) => {
    const { made } = await bed.query(MAKE, {
      input: { name: 'P', url: 'http://127.0.0.1:1/', events: ['TRUNK_CHANGED'], ...input },
    })
    return made.field
  }
  expect(await refused({ name: ' ' })).toBe('name')
  expect(await refused({ url: 'ftp://example.com' })).toBe('url')
  expect(await refused({ url: 'http://user:word@example.com' })).toBe('url')
  expect(await refused({ events: [] })).toBe('events')
  expect(await refused({ events: ['WEBHOOK_TEST'] })).toBe('events')
  const { id } = await bed.make('http://127.0.0.1:1/')
  const change = `mutation ($id: ID!, $version: Int) { changed: changePartnerWebhook(id: $id, input: { name: "New" }, expectedVersion: $version) {
    __typename ... on PartnerWebhookChanged { webhook { name version } } ... on Stale { currentVersion } } }`
  expect((await bed.query(change, { id, version: 1 })).changed).toMatchObject({
    webhook: { name: 'New', version: 2 },
  })
  expect((await bed.query(change, { id, version: 1 })).changed).toEqual({
    __typename: 'Stale',
    currentVersion: 2,
  })
  expect((await bed.query(change, { id: 'nonsense' })).changed.__typename).toBe('Missing')
  const replays = await bed.query(
    `mutation ($id: ID!) { replayPartnerDeliveries(id: $id, range: { from: "2026-01-01T00:00:00Z", eventIds: ["a"] }) {
      ... on Invalid { field } } }`,
    { id },
  )
  expect(replays).toEqual({ replayPartnerDeliveries: { field: 'range' } })
})

it('hears of siblings in a number of statements that does not depend on how much they tell', async () => {
  await using partner = await startPartner()
  await using bed = await startBed()
  const { id } = await bed.make(partner.url)
  await bed.query('mutation ($id: ID!) { pausePartnerWebhook(id: $id) { __typename } }', { id })
  let all = 0
  const hear = async (count: number) => {
    all += count
    const statements = await bed.hub.statementsOf(async () => {
      await bed.sibling.tell(Array.from({ length: count }, (_, n) => trunk(`${count}-${n}`)))
      await until(async () => (await bed.webhook(id)).waitingCount === all)
    })
    return statements.filter((text) => /insert into hub\./.test(text)).length
  }
  const few = await hear(1)
  expect(few).toBe(4)
  // They may come in two or three handfuls.
  expect(await hear(99)).toBeLessThanOrEqual(3 * few)
})
