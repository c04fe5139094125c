import { expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import { rowsOf } from '#test/customers/rows.ts'
import { PATH, SECRET, type Sending, webhookBed } from './bed.ts'

const nothingTaken = async (t: Awaited<ReturnType<typeof webhookBed>>) => {
  expect(await t.rows('customers.webhook_deliveries')).toEqual([])
  expect(await t.rows('customers.webhook_events')).toEqual([])
  expect(await t.waiting()).toEqual([])
}
const refusals = (t: Awaited<ReturnType<typeof webhookBed>>) =>
  t.lines.flatMap(({ event, reason }) => (event === 'webhook.refused' ? [reason] : []))

it('brings a change over as soon as HubSpot tells of it', async () => {
  await using t = await webhookBed()
  const [company] = await t.records('companies')
  await t.sim('records/companies', { list: [{ id: company!.id, properties: { name: 'Told by webhook' } }] })
  const response = await t.deliver([t.event('company.propertyChange', company!.id, { propertyName: 'name' })])
  expect([response.status, await response.json()]).toEqual([200, { received: 1 }])
  await t.settled()
  expect((await rowsOf(t, 'companies')).get(company!.id)?.properties.name).toBe('Told by webhook')
})

it('fault 38: gives fifty copies of a delivery, sent at once, one effect', async () => {
  await using t = await webhookBed({ worker: false })
  const event = t.event('company.propertyChange', 1, { propertyName: 'name' })
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, attemptNumber) => t.deliver([{ ...event, attemptNumber }])),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
  expect(await t.rows('customers.webhook_deliveries')).toMatchObject([{ event_count: 1, status: 'RECEIVED' }])
  expect(await t.rows('customers.webhook_events')).toMatchObject([{ seen: 50 }])
  expect(await t.waiting()).toMatchObject([{ type: 'companies', external_id: '1', noted: 1 }])
})

it('fault 39: ends with the value the portal has, in whatever order changes are told', async () => {
  await using t = await webhookBed()
  const [company] = await t.records('companies')
  const change = (propertyValue: string, occurredAt: number) =>
    t.event('company.propertyChange', company!.id, { propertyName: 'name', propertyValue, occurredAt })
  await t.sim('records/companies', { list: [{ id: company!.id, properties: { name: 'Last' } }] })
  const now = t.clock.now().getTime()
  for (const event of [change('Last', now), change('First', now - 2_000), change('Middle', now - 1_000)])
    expect((await t.deliver([event])).status).toBe(200)
  await t.settled()
  expect((await rowsOf(t, 'companies')).get(company!.id)?.properties.name).toBe('Last')
})

it('fault 40: lets nothing in whose signature is forged, old, or for something else', async () => {
  await using t = await webhookBed({ worker: false })
  const body = JSON.stringify([t.event('company.creation', 1)])
  const forged: Sending[] = [
    { secret: 'a guess' },
    { v1: true },
    { headers: { 'x-hubspot-signature-v3': '' } },
    { headers: { 'x-hubspot-signature-v3': 'A'.repeat(44) } },
    { headers: { 'x-hubspot-request-timestamp': 'yesterday' } },
    { headers: { 'x-hubspot-request-timestamp': String(t.clock.now().getTime() - 1) } },
    { signs: { method: 'PUT' } },
    { signs: { url: `${t.url}${PATH}/company` } },
    { signs: { url: `https://elsewhere.example${PATH}` } },
    { signs: { body: body.replace('creation', 'deletion') } },
    { path: `${PATH}?a=1`, signs: { url: `${t.url}${PATH}` } },
  ]
  for (const sending of forged) {
    const response = await t.deliver(body, sending)
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
      401,
      'HUB_WEBHOOK_REFUSED',
    ])
  }
  await nothingTaken(t)
  expect(refusals(t)).toHaveLength(forged.length)
  // Nobody reaches the subgraph's own address past the gateway.
  expect((await t.deliver(body, { headers: { 'x-hub-principal': 'me' } })).status).toBe(200)
})

it('fault 41: refuses what is older than five minutes or ten minutes ahead, by its own clock', async () => {
  const clock = new TestClock('2026-11-21T12:00:00Z')
  await using t = await webhookBed({ clock, worker: false })
  const statusAt = async (offsetMs: number) =>
    (await t.deliver([t.event('company.creation', 1)], { offsetMs })).status
  expect(await statusAt(-301_000)).toBe(401)
  expect(await statusAt(600_000)).toBe(401)
  await nothingTaken(t)
  expect(refusals(t)).toEqual(['too old', 'from the future'])
  expect(await statusAt(-299_000)).toBe(200)
})

it('fault 11: judges the age of a webhook by the clock of the hub, and says when the two differ', async () => {
  const clock = new TestClock('2031-01-01T00:00:00Z')
  await using t = await webhookBed({ clock, worker: false })
  expect((await t.deliver([t.event('company.creation', 1)], { offsetMs: -4 * 60_000 })).status).toBe(200)
  expect((await t.deliver([t.event('company.creation', 2)], { offsetMs: 60_000 })).status).toBe(200)
  const skews = t.lines.flatMap(({ event, ageMs }) => (event === 'webhook.skewed' ? [ageMs] : []))
  expect(skews).toEqual([240_000, -60_000])
})

it('fault 42: answers a replay inside the window as the first time, and does nothing', async () => {
  await using t = await webhookBed()
  const [deal] = await t.records('deals')
  const body = [t.event('deal.propertyChange', deal!.id, { propertyName: 'dealstage' })]
  expect((await t.deliver(body)).status).toBe(200)
  await t.settled()
  await t.sim('journal', undefined, 'DELETE')
  const before = await t.rows('customers.webhook_deliveries')
  for (let n = 0; n < 5; n++) expect((await t.deliver(body)).status).toBe(200)
  expect(await t.waiting()).toEqual([])
  expect((await t.journal()).counts.total).toBe(0)
  expect((await t.rows('customers.webhook_deliveries')).map(({ id }) => id)).toEqual(
    before.map(({ id }) => id),
  )
})

it('fault 44: touches no tenant with what is for a portal nobody is connected to', async () => {
  await using t = await webhookBed({ worker: false })
  const response = await t.deliver([
    { ...t.event('company.creation', 1), portalId: 66_666 },
    { ...t.event('company.creation', 2), portalId: 66_666 },
  ])
  expect(response.status).toBe(200)
  await nothingTaken(t)
  const strays = await t.database.relay((tx) =>
    tx.selectFrom('customers.unroutable_portals').selectAll().execute(),
  )
  expect(strays).toMatchObject([{ portal_id: '66666', deliveries: 1, events: 2 }])
  expect(t.lines.filter(({ event }) => event === 'webhook.unroutable')).toMatchObject([
    { level: 40, portalId: '66666', count: 2 },
  ])
})

it('fault 49: takes both secrets while one replaces the other, without a refusal', async () => {
  const webhooks = { secrets: ['the secret that is new', SECRET], allowV1: false, networks: [] }
  await using t = await webhookBed({ worker: false, webhooks })
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      t.deliver([t.event('company.creation', n)], { secret: n % 2 ? 'the secret that is new' : SECRET }),
    ),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
  expect(refusals(t)).toEqual([])
  expect(await t.waiting()).toHaveLength(20)
})

it('takes the old signature where that is configured, and only from the networks that are', async () => {
  const webhooks = { secrets: [SECRET], allowV1: true, networks: ['203.0.113.0/24', '2001:db8::/32'] }
  await using t = await webhookBed({
    worker: false,
    webhooks,
    gateway: { edge: { trustedProxies: 1, publicUrl: 'https://hub.example.com' } },
  })
  const from = async (address: string, sending: Sending = {}) =>
    (
      await t.deliver([t.event('company.creation', 1)], {
        ...sending,
        headers: { 'x-forwarded-for': address },
      })
    ).status
  expect(await from('203.0.113.7', { v1: true })).toBe(200)
  expect(await from('::ffff:203.0.113.7', { v1: true })).toBe(200)
  expect(await from('2001:db8::1', { signs: { url: `https://hub.example.com${PATH}` } })).toBe(200)
  expect(await from('203.0.113.7')).toBe(401)
  expect(await from('198.51.100.7', { v1: true })).toBe(403)
  expect(await from('nonsense', { v1: true })).toBe(403)
})

it('takes no webhook as long as nobody has told it a secret, and asks to come again', async () => {
  await using t = await webhookBed({ worker: false, webhooks: { secrets: [], allowV1: true, networks: [] } })
  const response = await t.deliver([t.event('company.creation', 1)], { v1: true, secret: '' })
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  await nothingTaken(t)
})
