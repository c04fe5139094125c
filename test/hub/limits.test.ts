import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import { PRINCIPAL_HEADER, type Principal, principalSeal } from '#kernel/principal.ts'
import { SECRET } from '#test/kit/graph.ts'
import { ask } from '#test/service/graph.ts'
import { admin, DEMO, EMPTY, startTestHub, type TestHub } from './hub.ts'

const clock = new TestClock('2026-03-01T08:00:00Z')
const seal = principalSeal(SECRET, clock)
const gateway: Principal = { kind: 'system', id: 'system:gateway', orgId: null, scopes: ['*'] }

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ clock, seal })
})
afterAll(() => hub[Symbol.asyncDispose]())

const LIMITS = 'pointsPerMinute organisationPointsPerMinute subscriptions organisationSubscriptions version'
const set = `mutation ($v: Int!, $points: Int, $all: Int, $subscriptions: Int) {
  setLimits(expectedVersion: $v, pointsPerMinute: $points, organisationPointsPerMinute: $all, subscriptions: $subscriptions) {
    __typename ... on LimitsSet { limits { ${LIMITS} } } ... on Invalid { field } ... on Stale { currentVersion } } }`
const run = async (query: string, variables = {}, caller = admin()) =>
  ask(hub.url, await seal.sign(caller), query, variables)
const setLimits = async (variables: object) => (await run(set, variables)).data?.setLimits as unknown

interface Lease {
  id: string
  points: number
  left: number
  moreInMs: number
}
const lend = async (
  wishes: { holder: string; points: number }[],
  { orgId = DEMO, used = [] as { id: string; used: number }[], caller = gateway } = {},
): Promise<{ status: number; leases: Lease[] }> => {
  const response = await fetch(`${hub.url}/leases`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [PRINCIPAL_HEADER]: await seal.sign(caller) },
    body: JSON.stringify({ orgId, wishes, used }),
  })
  return { status: response.status, leases: [], ...((await response.json()) as object) }
}
const lendOne = async (holder: string, points: number, used: { id: string; used: number }[] = []) =>
  (await lend([{ holder, points }], { used })).leases[0]!

describe('how much may be asked', () => {
  it('is told to everybody, and decided by administrators, each on the version they read', async () => {
    const orgAdmin = admin(EMPTY)
    const mine = async (caller = orgAdmin) =>
      (await run(`{ viewer { limits { ${LIMITS} } } }`, {}, caller)).data
    const first = { pointsPerMinute: 30_000, organisationPointsPerMinute: 120_000, subscriptions: 200 }
    expect(await mine({ ...orgAdmin, scopes: [] })).toMatchObject({
      viewer: { limits: { ...first, version: 0 } },
    })
    const decide = async (variables: object) =>
      ((await run(set, variables, orgAdmin)).data as unknown as { setLimits: object }).setLimits
    expect(await decide({ v: 0, points: 100 })).toMatchObject({
      limits: { pointsPerMinute: 100, version: 1 },
    })
    expect(await decide({ v: 0, points: 200 })).toEqual({ __typename: 'Stale', currentVersion: 1 })
    expect(await decide({ v: 1, points: 100 })).toMatchObject({ limits: { version: 1 } })
    expect(await decide({ v: 1, points: 9 })).toEqual({ __typename: 'Invalid', field: 'pointsPerMinute' })
    expect(await decide({ v: 1, all: 50 })).toMatchObject({ field: 'organisationPointsPerMinute' })
    expect(await decide({ v: 1, subscriptions: 9_000 })).toMatchObject({ field: 'organisationSubscriptions' })
    expect(await mine()).toMatchObject({ viewer: { limits: { pointsPerMinute: 100, version: 1 } } })
    const refused = await run(set, { v: 1, points: 500 }, { ...orgAdmin, scopes: ['sync:write'] })
    expect(refused.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect(await mine(admin(DEMO))).toMatchObject({ viewer: { limits: { version: 0 } } })
    const rows = await hub.db.database.read(EMPTY, (tx) =>
      tx.selectFrom('service.audit_log').select(['action', 'diff']).execute(),
    )
    expect(rows).toEqual([{ action: 'setLimits', diff: { pointsPerMinute: [30_000, 100] } }])
  })
})

describe('points are lent to gateways', () => {
  beforeAll(() => setLimits({ v: 0, points: 100, all: 150 }))

  it('never more than the limit, however many ask at the same moment', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => lendOne('user:many', 30)))
    expect(all.reduce((sum, { points }) => sum + points, 0)).toBe(100)
    expect(await lendOne('user:other', 30)).toMatchObject({ points: 30, left: 70 })
    const whole = await Promise.all(Array.from({ length: 10 }, () => lendOne('organisation', 40)))
    expect(whole.reduce((sum, { points }) => sum + points, 0)).toBe(150)
  })

  it('and those that were not used are there again once that is told, once', async () => {
    const { id } = await lendOne('user:thrifty', 100)
    expect(await lendOne('user:thrifty', 100)).toMatchObject({ points: 0, left: 0 })
    const used = [{ id, used: 40 }]
    expect(await lendOne('user:thrifty', 50, used)).toMatchObject({ points: 50, left: 10 })
    expect(await lendOne('user:thrifty', 50, [{ id, used: 90 }, ...used])).toMatchObject({
      points: 10,
      left: 0,
    })
  })

  it('and those of a gateway that was killed come back when the last it may have let through left the minute', async () => {
    await lendOne('user:killed', 100)
    clock.advance(69_000)
    expect(await lendOne('user:killed', 100)).toMatchObject({ points: 0, moreInMs: 1_000 })
    clock.advance(1_000)
    expect(await lendOne('user:killed', 100)).toMatchObject({ points: 100 })
  })

  it('to nobody but the hub’s own processes, and of no organisation that is not there', async () => {
    const wishes = [{ holder: 'user:a', points: 1 }]
    expect((await lend(wishes, { caller: admin() })).status).toBe(401)
    expect((await lend(wishes, { orgId: '00000000-0000-4000-8000-00000000ffff' })).status).toBe(404)
  })
})
