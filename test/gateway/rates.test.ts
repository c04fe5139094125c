import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RunningGateway } from '#gateway/index.ts'
import { type Subscriber, subscribe } from '#test/kit/gateway.ts'
import { until } from '#test/kit/until.ts'
import { type HubBehind, startHubBehind, whoAmI } from './hub-behind.ts'

const LIMIT = 30
let behind: HubBehind
let gateways: [RunningGateway, RunningGateway]
let version = 0

const setLimits = async (points: number, all: number) => {
  const { setLimits: answer } = await behind.run<{ setLimits: { limits: { version: number } } }>(
    `mutation ($v: Int!, $points: Int, $all: Int) { setLimits(expectedVersion: $v, pointsPerMinute: $points,
      organisationPointsPerMinute: $all, subscriptions: 3, organisationSubscriptions: 4) { ... on LimitsSet { limits { version } } } }`,
    { v: version, points, all },
  )
  version = answer.limits.version
}
const tokenOf = (subject: string) => behind.issuer.issue({ role: 'admin', org: 'demo', subject })
/** A token that both gateways know already: what follows is about limits, and not about who somebody is. */
const knownToken = async (subject: string) => {
  const token = await tokenOf(subject)
  for (const { app } of gateways) {
    const headers = { authorization: `Bearer ${token}` }
    await app.inject({ method: 'GET', url: '/graphql', headers })
  }
  return token
}

beforeAll(async () => {
  behind = await startHubBehind()
  gateways = [await behind.gateway(), await behind.gateway()]
  await setLimits(LIMIT, 100)
})
afterAll(() => behind[Symbol.asyncDispose]())
// What was lent before has left the minute, and what gateways know of callers is asked anew.
beforeEach(() => behind.clock.advance(71_000))

describe('two gateways together', () => {
  it('let through what a minute allows, and not one more, however the requests fall on them', async () => {
    const token = await knownToken('eager')
    const answers = await Promise.all(Array.from({ length: 80 }, (_, n) => whoAmI(gateways[n % 2]!, token)))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([])
    // Some may lie with the other gateway when one runs out: nearly all of the limit is used, and never more.
    const through = statuses.filter((status) => status === 200).length
    expect(through).toBeLessThanOrEqual(LIMIT)
    expect(through).toBeGreaterThan(LIMIT / 2)
    const refused = answers.find(({ status }) => status === 429)!
    expect(refused.body.errors?.[0]?.extensions.code).toBe('RATE_LIMITED')
    const wait = Number(refused.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(70)
    behind.clock.advance(wait * 1_000)
    expect((await whoAmI(gateways[0], await tokenOf('eager'))).status).toBe(200)
  })

  it('hold the limit in whatever minute one looks at', async () => {
    const through: number[] = []
    for (let second = 0; second < 180; second += 5) {
      const token = await tokenOf('steady')
      const asked = Array.from({ length: 7 }, (_, n) => whoAmI(gateways[n % 2]!, token))
      for (const { status } of await Promise.all(asked)) if (status === 200) through.push(second)
      behind.clock.advance(5_000)
    }
    const most = Math.max(
      ...through.map((from) => through.filter((at) => at >= from && at < from + 60).length),
    )
    expect(most).toBeLessThanOrEqual(LIMIT)
    // And go on letting through what is allowed.
    expect(through.filter((at) => at >= 120).length).toBeGreaterThan(LIMIT / 3)
  })

  it('hold the limit of the organisation over all its people', async () => {
    const tokens = await Promise.all(Array.from({ length: 6 }, (_, n) => knownToken(`person-${n}`)))
    const all = tokens.flatMap((token) =>
      Array.from({ length: 25 }, (_, n) => whoAmI(gateways[n % 2]!, token)),
    )
    const through = (await Promise.all(all)).filter(({ status }) => status === 200).length
    expect(through).toBeLessThanOrEqual(100)
    expect(through).toBeGreaterThan(50)
  })
})

describe('an answer', () => {
  it('says how much may still be asked, and a heavy operation counts by the records it could touch', async () => {
    const token = await tokenOf('reader')
    const [gateway] = gateways
    const remaining = (headers: Headers) =>
      Number(/"caller";r=(\d+);t=60/.exec(headers.get('ratelimit')!)?.[1])
    const light = await whoAmI(gateway, token)
    expect(light.headers.get('ratelimit-policy')).toBe('"caller";q=30;w=60, "organisation";q=100;w=60')
    expect(remaining(light.headers)).toBe(LIMIT - 1)
    const heavy = await fetch(`${gateway.url}/api/v2/sync-runs?first=100`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(heavy.status).toBe(200)
    const points = LIMIT - 1 - remaining(heavy.headers)
    expect(points).toBeGreaterThan(1)
    expect(points).toBeLessThan(LIMIT)
  })

  it('refuses at every door alike once nothing is left', async () => {
    const token = await tokenOf('everywhere')
    const [gateway] = gateways
    await Promise.all(Array.from({ length: LIMIT + 1 }, () => whoAmI(gateway, token)))
    const rest = await fetch(`${gateway.url}/api/v2/viewer`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(rest.status).toBe(429)
    expect(rest.headers.get('content-type')).toContain('application/problem+json')
    expect(rest.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(rest.headers.get('ratelimit')).toContain('"caller";r=0')
    expect(await rest.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429 })
    const tool = await fetch(`${gateway.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
        params: { name: 'run_operation', arguments: { name: 'Viewer' } },
      }),
    })
    expect(tool.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(tool.headers.get('ratelimit')).toContain('"caller";r=0')
    expect(await tool.json()).toMatchObject({
      result: { isError: true, structuredContent: { error: { code: 'RATE_LIMITED' } } },
    })
    for (const accept of ['application/graphql-response+json', 'application/json']) {
      const graph = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept },
        body: JSON.stringify({ query: '{ viewer { id } }' }),
      })
      expect([graph.status, graph.headers.get('content-type')]).toEqual([429, `${accept}; charset=utf-8`])
      await graph.body?.cancel()
    }
    for (const query of ['{ viewer { id } }', 'subscription { syncEvents { id } }']) {
      await using client = subscribe(gateway.url, token, query)
      const [first] = await until(() => client.results.length > 0 && client.results)
      expect(first?.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }])
    }
    const other = await whoAmI(gateway, await tokenOf('somebody else'))
    expect(other.status).toBe(200)
  })
})

describe('subscriptions of one organisation', () => {
  it('fault 66: are capped for each person, whatever rights they come with, and for all together', async () => {
    const [gateway] = gateways
    const follow = async (subject: string) =>
      subscribe(gateway.url, await tokenOf(subject), 'subscription { syncEvents { id } }')
    await using stack = new AsyncDisposableStack()
    const mine: Subscriber[] = []
    for (let n = 0; n < 5; n++) mine.push(stack.use(await follow('greedy')))
    const refusals = () => mine.flatMap((client) => [...client.failures, ...client.results])
    await until(() => refusals().length === 2)
    expect(JSON.stringify(refusals())).toMatch(/You follow 3 things.*TOO_MANY_SUBSCRIPTIONS/)
    const theirs = [stack.use(await follow('modest')), stack.use(await follow('modest'))]
    const refused = () => theirs.flatMap((client) => [...client.failures, ...client.results])
    await until(() => refused().length === 1)
    expect(JSON.stringify(refused())).toContain('Your organisation follows 4 things')
  })
})

describe('while hub does not answer', () => {
  it('what was lent is used up, then each gateway goes on with a share of its own, so that two stay within the limit', async () => {
    await using away = await startHubBehind()
    const { setLimits: answer } = await away.run<{ setLimits: object }>(
      'mutation { setLimits(expectedVersion: 0, pointsPerMinute: 56, organisationPointsPerMinute: 56) { __typename } }',
    )
    expect(answer).toEqual({ __typename: 'LimitsSet' })
    const both = [await away.gateway(), await away.gateway()]
    const token = await away.issuer.issue({ role: 'admin', org: 'demo', subject: 'stays' })
    for (const gateway of both) expect((await whoAmI(gateway, token)).status).toBe(200)
    await away.down()
    // Those whom gateways know without hub are let in for a minute; hub's own field fails, and that is not what is counted.
    const through: number[] = []
    for (let second = 10; second < 60; second += 10) {
      away.clock.advance(10_000)
      for (const gateway of both) {
        const all = await Promise.all(Array.from({ length: 6 }, () => whoAmI(gateway, token)))
        const codes = all.map(({ body }) => body.errors?.[0]?.extensions.code)
        through.push(codes.filter((code) => code !== 'RATE_LIMITED').length)
        expect(codes).toContain('RATE_LIMITED')
      }
    }
    expect(through.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(56)
    expect(Math.min(...through)).toBeGreaterThan(0)
  })
})
