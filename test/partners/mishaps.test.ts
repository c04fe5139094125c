import { expect, it } from 'vitest'
import { forgetOldOutward } from '#subgraphs/hub/commands/forget-outward.ts'
import { recordingLog } from '#test/kit/log.ts'
import { until } from '#test/kit/until.ts'
import { startBed, startPartner, trunk } from './bed.ts'

const DAY_MS = 86_400_000
const replay = `mutation ($id: ID!, $range: ReplayRange!) { replayed: replayPartnerDeliveries(id: $id, range: $range) {
  ... on DeliveriesReplayed { count } ... on Refusal { code message } } }`
const resume =
  'mutation ($id: ID!) { resumePartnerWebhook(id: $id) { ... on PartnerWebhookChanged { webhook { state reason } } } }'

it('sends what was not taken again with the same id and body, what is behind it of its record after it, and other records meanwhile', async () => {
  const broken = new Set(['a'])
  await using partner = await startPartner(({ data }) =>
    broken.has(data.trunkId) ? { status: 422, body: 'no room for jo@partner.example' } : undefined,
  )
  await using bed = await startBed()
  const { id } = await bed.make(partner.url)
  await bed.sibling.tell([trunk('a', { concurrentCalls: 1 }), trunk('a', { concurrentCalls: 2 }), trunk('b')])
  await until(() => partner.taken.some(({ data }) => data.trunkId === 'b'))
  const of = (trunkId: string) => partner.taken.filter(({ data }) => data.trunkId === trunkId)
  await until(async () => (await bed.deliveries(id, { states: ['WAITING'] })).length === 2)
  expect(of('a').map(({ data }) => data.concurrentCalls)).toEqual([1])
  const [waiting] = (await bed.deliveries(id, { states: ['WAITING'] })).slice(-1)
  expect(waiting.tries).toEqual([
    {
      at: expect.any(String),
      status: 422,
      ms: expect.any(Number),
      answer: 'no room for [email]',
      error: null,
    },
  ])
  // Five seconds, and up to a fifth more by chance.
  const wait = Date.parse(waiting.dueAt) - Date.parse(waiting.tries[0].at)
  expect(wait).toBeGreaterThanOrEqual(5000)
  expect(wait).toBeLessThanOrEqual(6000)
  broken.clear()
  await bed.passing(1000, () => of('a').length === 3)
  expect(of('a').map(({ data }) => data.concurrentCalls)).toEqual([1, 1, 2])
  expect(of('a')[1]).toMatchObject({ id: of('a')[0]!.id, body: of('a')[0]!.body })
})

it('leaves a partner alone for as long as it asks for, and then tries with one event before it sends the rest', async () => {
  let isWell = false
  await using partner = await startPartner(() =>
    isWell ? undefined : { status: 429, headers: { 'retry-after': '3600' } },
  )
  await using bed = await startBed()
  const { id } = await bed.make(partner.url)
  await bed.sibling.tell([trunk('a')])
  await until(async () => (await bed.webhook(id)).failingSince !== null)
  await bed.sibling.tell(Array.from({ length: 20 }, (_, n) => trunk(`later-${n}`)))
  await until(async () => (await bed.webhook(id)).waitingCount === 21)
  bed.clock.advance(3_590_000)
  isWell = true
  // Two looks of whoever sends: nothing is due.
  await until(async () => (await bed.webhook(id)).waitingCount === 21 && partner.taken.length === 1)
  await bed.passing(10_000, () => partner.taken.length === 22)
  await until(async () => (await bed.webhook(id)).waitingCount === 0)
  expect(await bed.webhook(id)).toMatchObject({ failingSince: null, state: 'ACTIVE' })
})

it('gives a webhook up at once whose address says that it is gone (410), tells operators, and sends what it missed when it is resumed', async () => {
  const { log, lines } = recordingLog()
  await using operators = await startPartner()
  let isGone = true
  await using partner = await startPartner(() => (isGone ? { status: 410 } : undefined))
  await using bed = await startBed({ log, opsWebhookUrl: operators.url })
  const { id } = await bed.make(partner.url)
  await bed.sibling.tell([trunk('a')])
  await until(async () => (await bed.webhook(id)).state === 'DISABLED')
  expect((await bed.webhook(id)).reason).toMatch(/410/)
  const alert = await until(() => operators.taken[0])
  expect(JSON.parse(alert.body)).toMatchObject({
    code: 'HUB_PARTNER_WEBHOOK_GONE',
    subject: 'PARTNER_WEBHOOK',
    type: id,
  })
  expect(lines.filter(({ event }) => event === 'partner-webhook.disabled')).toHaveLength(1)
  // Of what happens now it is told when somebody replays it.
  const from = bed.clock.now().toISOString()
  await bed.sibling.tell([trunk('missed')])
  await until(
    async () => (await bed.query('{ changes(types: [TRUNK]) { nodes { id } } }')).changes.nodes.length === 2,
  )
  expect((await bed.query(replay, { id, range: { from } })).replayed.code).toBe('NOT_ACTIVE')
  isGone = false
  expect((await bed.query(resume, { id })).resumePartnerWebhook.webhook).toEqual({
    state: 'ACTIVE',
    reason: null,
  })
  const { replayed } = await bed.query(replay, { id, range: { from: '2026-01-01T00:00:00Z' } })
  expect(replayed.count).toBe(2)
  await bed.passing(10_000, () => partner.taken.some(({ data }) => data.trunkId === 'missed'))
})

it('gives a webhook up that nothing has reached for five days, and not before', async () => {
  await using partner = await startPartner(() => ({ status: 500 }))
  await using bed = await startBed()
  const { id } = await bed.make(partner.url)
  const start = bed.clock.now().getTime()
  await bed.sibling.tell([trunk('a')])
  await until(async () => (await bed.webhook(id)).failingSince !== null)
  // It is tried for three days and some hours; later something else happens.
  for (let times = 1; times < 10; times++)
    await until(async () => {
      const [{ tries, dueAt }] = await bed.deliveries(id)
      if (tries.length >= times) return true
      // Time goes on to its next try, and past a lease that somebody left behind. Its tries are read after it: they may know more.
      const next = Math.max(bed.clock.now().getTime() + 1000, dueAt ? Date.parse(dueAt) : 0)
      await bed.setTime(new Date(next))
      return false
    })
  await until(async () => {
    const [{ state, dueAt }] = await bed.deliveries(id)
    if (dueAt) await bed.setTime(new Date(Math.max(bed.clock.now().getTime(), Date.parse(dueAt))))
    return state === 'FAILED'
  })
  expect((await bed.deliveries(id))[0]).toMatchObject({ dueAt: null, tries: { length: 10 } })
  const days = (bed.clock.now().getTime() - start) / DAY_MS
  expect(days).toBeGreaterThan(3)
  expect(days).toBeLessThan(4)
  expect(await bed.webhook(id)).toMatchObject({ state: 'ACTIVE', waitingCount: 0 })
  await bed.setTime(new Date(start + 5 * DAY_MS + 60_000))
  await bed.sibling.tell([trunk('b')])
  await until(async () => (await bed.webhook(id)).state === 'DISABLED')
  expect((await bed.webhook(id)).reason).toMatch(/five days/)
})

it('does not let a slow partner hold another one up, nor send it more at once than it is meant to', async () => {
  const released = Promise.withResolvers<void>()
  await using slow = await startPartner(async () => {
    await released.promise
    return undefined
  })
  await using quick = await startPartner()
  await using bed = await startBed()
  await bed.make(slow.url)
  await bed.make(quick.url)
  await bed.sibling.tell(Array.from({ length: 30 }, (_, n) => trunk(`t-${n}`)))
  await until(() => quick.taken.length === 30)
  expect(slow.taken.length).toBeLessThanOrEqual(8)
  released.resolve()
  await until(() => slow.taken.length === 30)
  expect(slow.mostAtOnce).toBeLessThanOrEqual(8)
})

it('keeps what happens while it is paused, sends it when it is taken up again, and replays single events with their ids', async () => {
  await using partner = await startPartner()
  await using bed = await startBed()
  const { id } = await bed.make(partner.url)
  await bed.query('mutation ($id: ID!) { pausePartnerWebhook(id: $id, reason: "Moving") { __typename } }', {
    id,
  })
  await bed.sibling.tell([trunk('a')])
  await until(async () => (await bed.webhook(id)).waitingCount === 1)
  expect(await bed.webhook(id)).toMatchObject({ state: 'PAUSED', reason: 'Moving' })
  const test =
    'mutation ($id: ID!) { sendTestEvent(id: $id) { ... on TestEventSent { eventId } ... on Invalid { code } } }'
  expect((await bed.query(test, { id })).sendTestEvent.code).toBe('NOT_ACTIVE')
  await bed.query(resume, { id })
  const [first] = await until(() => partner.taken.length === 1 && partner.taken)
  expect(
    (await bed.query(replay, { id, range: { eventIds: [first!.id, 'telephony:999'] } })).replayed.count,
  ).toBe(1)
  const both = await until(() => partner.taken.length === 2 && partner.taken)
  expect(both[1]).toMatchObject({ id: first!.id, body: first!.body })
  const { eventId } = (await bed.query(test, { id })).sendTestEvent
  const tested = await until(() => partner.taken.find(({ type }) => type === 'webhook.test'))
  expect(tested).toMatchObject({ id: eventId, data: { webhookId: id } })
})

it('forgets what partners were told, and what changed, after 30 days', async () => {
  await using partner = await startPartner()
  await using bed = await startBed()
  const { id } = await bed.make(partner.url)
  await bed.sibling.tell([trunk('old')])
  await until(async () => (await bed.deliveries(id, { states: ['DELIVERED'] })).length === 1)
  const { changes } = await bed.query('{ changes { nodes { id } cursor } }')
  expect(changes.nodes).toEqual([{ id: 'old' }])
  bed.clock.advance(30 * DAY_MS + 1000)
  await bed.sibling.tell([trunk('new')])
  await until(async () => (await bed.deliveries(id, { states: ['DELIVERED'] })).length === 2)
  const around = { database: bed.hub.db.database, clock: bed.clock }
  expect(await forgetOldOutward(around, '00000000-0000-4000-8000-000000000001')).toBe(2)
  expect((await bed.deliveries(id)).length).toBe(1)
  expect((await bed.query('{ changes { nodes { id } } }')).changes.nodes).toEqual([{ id: 'new' }])
})
