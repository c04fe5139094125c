import { expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import type { Journal } from '#test/kit/simulator.ts'
import { openPortal } from './portal.ts'

const PAGE = '/crm/v3/objects/companies?limit=1'
const SEARCH = '/crm/v3/objects/companies/search'

it('admits 100 requests in any ten seconds and refuses the next as HubSpot does', async () => {
  const clock = new TestClock('2026-11-20T09:00:00Z')
  await using portal = await openPortal({ clock })
  for (let i = 0; i < 60; i += 1) expect((await portal.call(PAGE)).status).toBe(200)
  clock.advance(9_000)
  for (let i = 0; i < 40; i += 1) await portal.call(PAGE)
  const refused = await portal.call(PAGE)
  expect(refused.status).toBe(429)
  expect(refused.json()).toMatchObject({
    errorType: 'RATE_LIMIT',
    policyName: 'TEN_SECONDLY_ROLLING',
    message: 'You have reached your ten_secondly_rolling limit.',
  })
  expect(refused.headers.get('retry-after')).toBeNull()
  // The window slides: only the first sixty have left it.
  clock.advance(1_001)
  const statuses = []
  for (let i = 0; i < 61; i += 1) statuses.push((await portal.call(PAGE)).status)
  expect(statuses.filter((s) => s === 200)).toHaveLength(60)
  const journal = await portal.sim<Journal>('journal')
  expect(journal.windows.find((w) => w.limit === 'burst')).toMatchObject({ max: 100, busiest: 100 })
  expect(journal.counts.refused).toEqual({ burst: 2 })
})

it('counts what is left in headers, and gives none on a search', async () => {
  await using portal = await openPortal()
  await portal.call(PAGE)
  const second = await portal.call(PAGE)
  expect(second.headers.get('x-hubspot-ratelimit-remaining')).toBe('98')
  expect(second.headers.get('x-hubspot-ratelimit-daily-remaining')).toBe('249998')
  const search = await portal.call(SEARCH, { limit: 1 })
  expect([...search.headers.keys()].filter((name) => name.includes('ratelimit'))).toEqual([])
})

it('admits five searches a second, whatever else is asked', async () => {
  const clock = new TestClock('2026-11-20T09:00:00Z')
  await using portal = await openPortal({ clock })
  const statuses = []
  for (let i = 0; i < 6; i += 1) statuses.push((await portal.call(SEARCH, { limit: 1 })).status)
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
  expect((await portal.call(PAGE)).status).toBe(200)
  clock.advance(1_000)
  expect((await portal.call(SEARCH, { limit: 1 })).status).toBe(200)
})

it('keeps the limits of two portals apart and tells the portals by their tokens', async () => {
  await using portal = await openPortal({
    portals: [{ portalId: 9, token: 'other-token', companies: 3, seed: 2 }],
  })
  await portal.sim('limits', { burst: { max: 1 } })
  expect((await portal.call(PAGE)).status).toBe(200)
  expect((await portal.call(PAGE)).status).toBe(429)
  const other = await portal.call('/account-info/v3/details', undefined, { token: 'other-token' })
  expect(other.json()).toMatchObject({ portalId: 9 })
})

it('lets everything through while the limits are off', async () => {
  await using portal = await openPortal()
  await portal.sim('limits', 'off')
  const answers = await Promise.all(Array.from({ length: 150 }, () => portal.call(PAGE)))
  expect(new Set(answers.map((a) => a.status))).toEqual(new Set([200]))
})

it('keeps its limits when its clock is shifted', async () => {
  await using portal = await openPortal()
  await portal.sim('limits', { burst: { max: 1 } })
  await portal.call(PAGE)
  await portal.sim('clock', { skewMs: 600_000 })
  expect((await portal.call(PAGE)).status).toBe(429)
})
