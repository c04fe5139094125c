import { expect, it } from 'vitest'
import { VendorBusy } from '#connectors/contract.ts'
import { memoryLimiter } from '#connectors/limiter.ts'
import { until } from '../kit/until.ts'
import { gather, type Reply, scriptedPortal } from './scripted-portal.ts'
import { steppedClock } from './stepped-clock.ts'

const account = { portalId: 33, timeZone: 'America/Denver' }
const tooMany = (policyName?: string, retryAfter?: string): Reply => ({
  status: 429,
  headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  body: { status: 'error', message: 'You have reached your limit.', errorType: 'RATE_LIMIT', policyName },
})

it('fault 16: obeys Retry-After within ten percent, with no call of any caller inside the ban', async () => {
  const clock = steppedClock()
  let endsFrom: number | undefined
  await using portal = await scriptedPortal(({ query }, response) => {
    if (endsFrom !== undefined || query.get('properties') !== 'ban')
      return { body: { ...account, results: [] } }
    response.once('finish', () => {
      endsFrom = clock.now().getTime()
    })
    return tooMany('TEN_SECONDLY_ROLLING', '10')
  }, clock)
  const limiter = memoryLimiter({ clock, pause: clock.pause })
  const first = portal.open({ limiter })
  const second = portal.open({ limiter })
  await second.account()
  const meetsTheBan = gather(first.list('contacts', { properties: ['ban'] }))
  await until(() => endsFrom)
  await clock.pause(400)
  await Promise.all([
    meetsTheBan,
    second.account(),
    second.readBatch('contacts', ['1']),
    second.search('deals', {}),
  ])
  const waits = portal.heard.slice(2).map((call) => call.at - endsFrom!)
  expect(waits).toHaveLength(4)
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(9_980)
  expect(Math.min(...waits)).toBeLessThan(11_000)
})

it('reads a Retry-After date against the vendor’s own clock', async () => {
  const clock = steppedClock()
  let calls = 0
  await using portal = await scriptedPortal(() => {
    calls += 1
    const date = 'Wed, 01 Jan 2020 00:00:00 GMT'
    if (calls > 1) return { body: account }
    return { ...tooMany(), headers: { date, 'retry-after': 'Wed, 01 Jan 2020 00:00:05 GMT' } }
  }, clock)
  await portal.open().account()
  const [ban, next] = portal.heard
  expect(next!.at - ban!.at).toBeGreaterThanOrEqual(5_000)
  expect(next!.at - ban!.at).toBeLessThan(6_500)
})

it('fault 17: probes a limit without Retry-After at most once a second, ever more slowly, and goes on by itself', async () => {
  const clock = steppedClock()
  let opensAt = 0
  await using portal = await scriptedPortal(
    ({ at }) => (at < opensAt ? tooMany('TEN_SECONDLY_ROLLING') : { body: { ...account, results: [] } }),
    clock,
  )
  const client = portal.open()
  await client.account()
  opensAt = clock.now().getTime() + 16_000
  const first = client.account()
  await until(() => portal.heard.length > 1)
  await clock.pause(400)
  await Promise.all([first, ...[1, 2, 3, 4].map(() => client.pipelines('deals'))])
  const probes = portal.heard
    .slice(1)
    .filter((call) => call.at < opensAt)
    .map((call) => call.at)
  const gaps = probes.slice(1).map((at, i) => at - probes[i]!)
  expect(probes.length).toBeGreaterThan(2)
  expect(probes.length).toBeLessThan(8)
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000)
  expect(gaps.at(-1)).toBeGreaterThan(gaps[0]! * 2)
  expect(client.requests.total).toBe(portal.heard.length)
})

it('lets other calls pass while only searches are limited', async () => {
  const clock = steppedClock()
  let refused = false
  await using portal = await scriptedPortal(({ path }) => {
    if (!path.endsWith('/search') || refused) return { body: { ...account, results: [], total: 0 } }
    refused = true
    return tooMany('SECONDLY')
  }, clock)
  const client = portal.open()
  const search = client.search('contacts', {})
  await clock.pause(200)
  await client.account()
  await search
  const [first, between, again] = portal.heard
  expect(between!.path).toBe('/account-info/v3/details')
  expect(again!.at - first!.at).toBeGreaterThanOrEqual(1_000)
  expect(again!.at - first!.at).toBeLessThan(3_000)
})

it('fault 18: parks at the daily limit until midnight of the account, and says until when', async () => {
  const clock = steppedClock('2026-11-20T12:00:00Z')
  let spent = false
  await using portal = await scriptedPortal(() => (spent ? tooMany('DAILY') : { body: account }), clock)
  const client = portal.open()
  await client.account()
  spent = true
  const error = await client.properties('contacts').catch((thrown: unknown) => thrown)
  expect(VendorBusy.is(error) && error.after?.toISOString()).toBe('2026-11-21T07:00:00.000Z')
  await expect(client.search('deals', {})).rejects.toMatchObject({ code: VendorBusy.code })
  expect(portal.heard).toHaveLength(2)
})

it('keeps every sliding interval below the limit and a reserve for people who wait', async () => {
  const clock = steppedClock()
  const limiter = memoryLimiter({
    clock,
    pause: clock.pause,
    limits: { burst: { max: 20, intervalMs: 2_000 } },
    reserve: 0.1,
    marginMs: 20,
  })
  const starts: number[] = []
  const background = Array.from({ length: 60 }, async () => {
    await limiter.acquire('burst')
    starts.push(clock.now().getTime())
  })
  await clock.pause(100)
  await limiter.acquire('burst', { interactive: true })
  // The person's turn came inside the first interval, before the background's second helping.
  expect(starts).toHaveLength(18)
  await Promise.all(background)
  const busiest = Math.max(
    ...starts.map((from) => starts.filter((at) => at >= from && at < from + 2_000).length),
  )
  expect(busiest).toBe(18)
})

it('learns the limit from the headers and refuses at once what would wait longer than the patience', async () => {
  const clock = steppedClock()
  const headers = {
    'x-hubspot-ratelimit-max': '3',
    'x-hubspot-ratelimit-remaining': '2',
    'x-hubspot-ratelimit-interval-milliseconds': '10000',
  }
  await using portal = await scriptedPortal(() => ({ headers, body: account }), clock)
  const limiter = memoryLimiter({ clock, pause: clock.pause })
  const client = portal.open({ limiter, patienceMs: 2_000 })
  for (const _ of [1, 2, 3]) await client.account()
  await expect(client.account()).rejects.toMatchObject({ code: VendorBusy.code, after: expect.any(Date) })
  expect(portal.heard).toHaveLength(3)
})
