import { expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { TestClock } from '#kernel/clock.ts'
import { raiseAlerts } from '#subgraphs/customers/commands/raise-alerts.ts'
import { routeStrays } from '#subgraphs/customers/commands/route-strays.ts'
import { tellStrays } from '#subgraphs/customers/commands/tell-strays.ts'
import { tellTroubledDeliveries } from '#subgraphs/customers/commands/tell-troubled-deliveries.ts'
import { forgetOld } from '#subgraphs/customers/jobs/forget-deliveries.ts'
import { readWords } from '#subgraphs/customers/sync/webhook.ts'
import { eventsOf } from '#test/customers/rows.ts'
import { recordingLog } from '#test/kit/log.ts'
import { type WebhookBed, webhookBed } from './bed.ts'

const strays = (t: WebhookBed) =>
  t.database.relay((tx) => tx.selectFrom('customers.unroutable_deliveries').selectAll().execute())
const jobs = {
  sent: [] as unknown[],
  enqueue: async () => true,
  enqueueAll: async (_: object, __: object, payloads: readonly unknown[]) => void jobs.sent.push(...payloads),
  work: async () => {},
  [Symbol.asyncDispose]: async () => {},
}

it('fault 44: keeps what is for a portal nobody is connected to, sealed, tells operators once an hour, and takes it when somebody connects', async () => {
  const clock = new TestClock('2026-11-21T12:00:00Z')
  await using t = await webhookBed({ worker: false, clock })
  const stray = (id: number) => ({
    ...t.event('company.propertyChange', id, { propertyName: 'name', propertyValue: 'Canary Ltd' }),
    portalId: 66_666,
  })
  // One message of two portals: each gets its own part.
  await t.deliver([
    stray(1),
    t.event('company.propertyChange', 2, { propertyName: 'city', propertyValue: 'Mine' }),
  ])
  await t.deliver([stray(3)])
  expect(await strays(t)).toMatchObject([{ portal_id: '66666', event_count: 1 }, { portal_id: '66666' }])
  expect(JSON.stringify(await strays(t))).not.toContain('Canary')
  expect((await t.waiting()).map(({ external_id }) => external_id)).toEqual(['2'])
  const { log, lines } = recordingLog()
  const around = { ...t, log, jobs, sends: true }
  await tellStrays(around)
  await t.deliver([stray(4)])
  await tellStrays(around)
  expect(lines).toMatchObject([{ level: 50, code: 'HUB_WEBHOOK_UNROUTABLE', count: 2 }])
  expect(jobs.sent).toMatchObject([
    { orgId: null, subject: 'PORTAL', code: 'HUB_WEBHOOK_UNROUTABLE', count: 2 },
  ])
  expect(await routeStrays(around, readWords)).toBe(0)
  await session(t.test.adminUrl, (client) =>
    client.query(`update customers.integrations set portal_id = '66666'`),
  )
  expect(await routeStrays(around, readWords)).toBe(3)
  expect((await t.waiting()).map(({ external_id }) => external_id)).toEqual(['1', '2', '3', '4'])
  expect(await strays(t)).toEqual([])
})

it('tells operators of webhooks that came only after three tries that failed, once', async () => {
  const clock = new TestClock('2026-11-21T12:00:00Z')
  await using t = await webhookBed({ worker: false, clock })
  const { log, lines } = recordingLog()
  const raise = raiseAlerts({ jobs, clock, log, sends: false })
  const late = (id: number, attemptNumber: number) =>
    t.deliver([t.event('company.propertyChange', id, { propertyName: 'name', attemptNumber })])
  await late(1, 2)
  await tellTroubledDeliveries({ ...t, raise })
  expect(lines).toEqual([])
  await late(2, 3)
  await late(3, 5)
  await tellTroubledDeliveries({ ...t, raise })
  await tellTroubledDeliveries({ ...t, raise })
  expect(await eventsOf(t, 'customers.alert.raised')).toMatchObject([
    { subject: 'CONNECTION', code: 'HUB_WEBHOOK_LATE', count: 2, integrationId: t.integrationId },
  ])
  expect(lines).toHaveLength(1)
})

it('forgets words after a week, hashes after three days and deliveries after thirty, and keeps the counts', async () => {
  const clock = new TestClock('2026-11-21T12:00:00Z')
  await using t = await webhookBed({ worker: false, clock })
  const forget = () =>
    forgetOld.run(
      {},
      { database: t.database, clock },
      { id: '1', number: 1, signal: new AbortController().signal },
    )
  const state = async () => {
    const rows = await t.rows('customers.webhook_deliveries')
    const hashes = await t.rows('customers.webhook_events')
    return [
      rows.length,
      rows.filter(({ raw_sealed }) => raw_sealed).length,
      hashes.length,
      (await strays(t)).length,
    ]
  }
  await t.deliver([t.event('company.creation', 1), { ...t.event('company.creation', 2), portalId: 66_666 }])
  await forget()
  expect(await state()).toEqual([1, 1, 1, 1])
  clock.advance(3 * 86_400_000 + 1)
  await forget()
  expect(await state()).toEqual([1, 1, 0, 1])
  clock.advance(4 * 86_400_000)
  await forget()
  expect(await state()).toEqual([1, 0, 0, 0])
  clock.advance(23 * 86_400_000)
  await forget()
  expect(await state()).toEqual([0, 0, 0, 0])
  expect(await t.rows('customers.webhook_days')).toMatchObject([{ deliveries: 1, events: 1 }])
})
