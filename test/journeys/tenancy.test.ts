import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { SUBGRAPHS } from '#db/databases.ts'
import { sleep, systemClock, TestClock } from '#kernel/clock.ts'
import { PRINCIPAL_HEADER, principalSeal } from '#kernel/principal.ts'
import { loadManifest } from '#operations/manifest.ts'
import { subscribe } from '../kit/gateway.ts'
import { recordingLog } from '../kit/log.ts'
import { apiSchema, type Probe, probesOf, type Samples } from '../kit/probes.ts'
import { DEMO, EMPTY, principal, SHARED_SECRET } from '../kit/subgraph.ts'
import { until } from '../kit/until.ts'
import { startWholeHub, type WholeHub } from '../kit/whole-hub.ts'
import { toldActions, triedActions } from './actions.ts'
import { type Asked, byAssistant, byRest } from './doors.ts'
import { entityAnswers } from './entities.ts'
import { fillDemo } from './full-demo.ts'
import { keepAll, MARK, sayAll, sendAround, textPlaces } from './hostile.ts'
import { askAround, deedsOf, followAround, type Holder, holdersOf, sayAround } from './roles.ts'
import { answersToStrangers } from './strangers.ts'
import { leaveHealth } from './traces.ts'

/**
 * Every root field, entity and subscription there is, taken from the schema: a field added tomorrow is probed tomorrow.
 * The demo organisation is full; the empty one must not see, change or even notice anything of it.
 */
let hub: WholeHub
/** Texts that only the demo organisation's data holds: ids, names, numbers. */
let secrets: string[]
let probes: Probe[]
let samples: Samples
let keys: Record<string, string>
const log = recordingLog()

beforeAll(async () => {
  hub = await startWholeHub({ companies: 20, isByTheClock: false, advises: true, log: log.log })
  await hub.synced()
  ;({ keys, secrets, samples } = await fillDemo(hub))
  probes = probesOf(apiSchema(), samples)
})
afterAll(() => hub?.[Symbol.asyncDispose]())

/** What an answer gives away: values of the demo organisation that were not in the question. */
const leaks = (answer: unknown, asked: string): string[] => {
  const text = JSON.stringify(answer)
  return secrets.filter((secret) => shows(text, secret) && !asked.includes(secret))
}

/** A number is shown where it stands by itself: `23.7` is no part of a time such as `10:41:23.725`, or of another number. */
const shows = (text: string, secret: string): boolean =>
  /^\d+\.\d+$/.test(secret)
    ? new RegExp(`(?<![\\d.]|\\d:)${secret.replace('.', '[.]')}(?!\\d)`).test(text)
    : text.includes(JSON.stringify(secret).slice(1, -1))

it('the same questions do show the demo organisation its own data, so the probes can see', async () => {
  await leaveHealth(hub, keys.Customer!)
  const blind: string[] = []
  for (const { field, kind, document } of probes.filter((probe) => probe.kind === 'query')) {
    const sees = async () => {
      const answer = await hub.ask(document)
      expect([kind, field, answer.errors]).toEqual([kind, field, undefined])
      return leaks(answer, document).length > 0
    }
    // It shows nothing of its own but the mean of all scores, which moves while anybody is judged: so that is read right before.
    const seesMean = async () => {
      secrets.push((await hub.ask('{ healthDistribution { mean } }')).data.healthDistribution.mean)
      return sees()
    }
    if (!(field === 'healthDistribution' ? await until(seesMean) : await sees())) blind.push(field)
  }
  // It takes no argument and tells of nothing but the hub's own kinds of event, which are the same for everybody.
  expect(blind).toEqual(['timelineKinds'])
})

it('assistants can use every tool there is: questions are answered, and changes answer a plan or why not', async () => {
  const asked = await byAssistant(hub, await hub.token(), samples)
  const failed = asked.filter(({ kind, isError }) => kind === 'query' && isError)
  expect(failed.map(({ name, answered }) => [name, answered])).toEqual([])
  const unread = asked.filter(({ answered }) => /"code":"(BAD_USER_INPUT|INTERNAL)"/.test(answered))
  expect(unread.map(({ name, answered }) => [name, answered])).toEqual([])
  expect(asked.filter((one) => leaks(one.answered, one.asked).length > 0).length).toBeGreaterThan(50)
})

it('fault 63: each role and each key may ask, do and follow exactly what its scopes say, through every door, and what is refused changes nothing', async () => {
  const holders = await holdersOf(hub)
  const before = await deedsOf(hub)
  expect(before.telephony).toBeGreaterThan(0)
  const around = await askAround(hub, holders, samples)
  expect(around.wrong).toEqual([])
  expect(await deedsOf(hub)).toEqual(before)
  const reader = holders.find(({ who }) => who === 'a key that reads') as Holder
  const [said, followed] = [await sayAround(hub, reader), await followAround(hub, holders, samples)]
  expect([...said.wrong, ...followed.wrong]).toEqual([])
  // All of them refuse somebody something, so that the test can see.
  expect(around.refused).toBeGreaterThan(1_500)
  expect(around.allowed).toBeGreaterThan(500)
  expect(said.refused).toBeGreaterThan(20)
  expect(followed.refused).toBeGreaterThan(10)
})

it('a customer tells each role and each key what they may do with it, as it then is, without a statement', async () => {
  const { data } = await hub.ask(
    'query { customerOfAccount(system: WARP, accountId: "PROBE-1") { id hubspotCompanyId } }',
  )
  const withoutCompany = data.customerOfAccount
  expect(withoutCompany.hubspotCompanyId).toBeNull()
  for (const holder of await holdersOf(hub))
    for (const id of [keys.Customer!, withoutCompany.id]) {
      const told = await toldActions(hub, holder, id)
      // Whoever may see no customer is told nothing of one.
      if (told) expect([holder.who, id, told]).toEqual([holder.who, id, await triedActions(hub, holder, id)])
      else expect(holder.scopes).not.toContain('customers:read')
    }
  const token = await hub.token()
  // What goes on in the background meanwhile is counted too, but not each time.
  const countOf = async (inner: string) => {
    const counts: number[] = []
    for (let n = 0; n < 10; n++) {
      hub.statements.customers.length = 0
      await hub.ask(`{ customers(first: 20) { nodes { id ${inner} } } }`, {}, { token })
      counts.push(hub.statements.customers.length)
    }
    return Math.min(...counts)
  }
  await countOf('')
  expect(await countOf('allowedActions')).toBe(await countOf(''))
})

describe('fault 70: words that somebody sends who means harm', () => {
  it('are texts at every place that takes one, through every door: nothing fails, is worked out or is changed', async () => {
    const token = await hub.token()
    await hub.ask('{ viewer { id } }', {}, { token })
    const before = await deedsOf(hub)
    const places = textPlaces()
    const { harmed, sent } = await sendAround(hub, token, { samples, places, turns: 1 })
    expect(harmed).toEqual([])
    expect(places.length).toBeGreaterThan(1_000)
    expect(sent).toBeGreaterThan(1_000)
    expect(await deedsOf(hub)).toEqual(before)
    expect(log.lines.filter((line) => JSON.stringify(line).includes(MARK))).toEqual([])
  })

  it('move neither the chat nor the search of assistants to do anything', async () => {
    expect(await sayAll(hub, await hub.token())).toEqual([])
  })

  it('are kept as they were sent, or refused', async () => {
    // Where nobody else counts what there is: each account becomes a customer, a little later.
    expect(await keepAll(hub, await hub.token('admin', 'empty'))).toEqual([])
    expect(log.lines.filter((line) => JSON.stringify(line).includes(MARK))).toEqual([])
  })

  it.each([
    ['/graphql', 'application/json'],
    ['/api/v2/tickets', 'application/json'],
    ['/mcp', 'application/json, text/event-stream'],
    ['/chat', 'application/json'],
  ])(
    'sent to %s as properties of every object, or as a megabyte, are refused before they are read',
    async (path, accept) => {
      const send = async (body: string) => {
        const headers = {
          authorization: `Bearer ${await hub.token()}`,
          accept,
          'content-type': 'application/json',
        }
        return (await fetch(hub.url + path, { method: 'POST', headers, body })).status
      }
      expect(await send(`{"variables": {"__proto__": {"${MARK}": true}}}`)).toBe(400)
      expect(await send(`{"constructor": {"prototype": {"${MARK}": true}}}`)).toBe(400)
      expect(await send(JSON.stringify({ query: MARK.repeat(200_000) }))).toBe(413)
      expect(({} as Record<string, unknown>)[MARK]).toBeUndefined()
    },
  )
})

describe('without a token', () => {
  it('every query and mutation is refused as UNAUTHENTICATED, whatever it asks', async () => {
    const asked = probes.filter((probe) => probe.kind !== 'subscription')
    expect(asked.length).toBeGreaterThan(20)
    for (const { field, document } of asked) {
      const answer = await hub.ask(document, {}, { token: null })
      expect([field, answer.status, answer.errors?.[0]?.extensions?.code]).toEqual([
        field,
        401,
        'UNAUTHENTICATED',
      ])
      expect(answer.data ?? null).toBeNull()
    }
  })

  it('no socket opens for a subscription', async () => {
    const code = await new Promise<number>((resolve) => {
      const client = createClient({
        url: `${hub.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        lazy: false,
        onNonLazyError: () => undefined,
        on: { closed: (event) => resolve((event as { code: number }).code) },
      })
      return client
    })
    expect(code).toBe(4401)
  })
})

describe('with a key for some customers only', () => {
  const NOBODY = '00000000-0000-4000-8000-0000000000ff'
  const READS = ['customers:read', 'inventory:read', 'telephony:read', 'insights:read']
  /** What is of no customer, and may be seen by whoever may read at all. */
  const ofNobody = (secret: string) => [keys.Component, keys.Organisation].includes(secret)
  const keyFor = async (customerId: string): Promise<string> => {
    const make = `mutation ($of: [ID!], $scopes: [String!]!) {
      createApiKey(name: "some", scopes: $scopes, customerIds: $of) { ... on ApiKeyCreated { secret } } }`
    return (await hub.ask(make, { of: [customerId], scopes: READS })).data.createApiKey.secret
  }

  it('every root field shows nothing of the others, and no change is theirs', async () => {
    const token = await keyFor(NOBODY)
    const before = await counts()
    const wrong: unknown[] = []
    for (const { field, kind, document } of probes.filter((probe) => probe.kind !== 'subscription')) {
      const answer = await hub.ask(document, {}, { token })
      const shown = leaks(answer, document).filter((secret) => !ofNobody(secret))
      const codes = (answer.errors ?? []).map(({ extensions }) => extensions?.code)
      const isRefused = codes.length > 0 && codes.every((code) => code === 'FORBIDDEN')
      if (shown.length > 0 || (kind === 'mutation' ? !isRefused : codes.length > 0 && !isRefused))
        wrong.push([field, shown, codes])
    }
    expect(wrong).toEqual([])
    expect(await counts()).toEqual(before)
  })

  it.each([
    ['REST route', byRest],
    ['tool of assistants', byAssistant],
  ] as const)('fault 59: no %s shows anything of the others, nor changes anything', async (_, askAll) => {
    const token = await keyFor(NOBODY)
    const before = await counts()
    const asked = await askAll(hub, token, samples)
    const shown = (one: Asked) =>
      leaks(one.answered, one.asked)
        .filter((secret) => !ofNobody(secret))
        .map((secret) => [one.name, secret])
    expect(asked.flatMap(shown)).toEqual([])
    expect(asked.filter(({ kind, isError }) => kind === 'mutation' && !isError)).toEqual([])
    expect(await counts()).toEqual(before)
  })

  it('fault 59: nothing that is told may be followed, over a socket or as a stream of events', async () => {
    const token = await keyFor(NOBODY)
    const names = new Set<string>()
    for (const { name, text } of loadManifest().operations.filter(({ kind }) => kind === 'subscription')) {
      await using socket = subscribe(hub.url, token, text, { after: null })
      await until(() => socket.failures.length + socket.results.length > 0)
      expect([name, JSON.stringify([socket.failures, socket.results])]).toEqual([
        name,
        expect.stringContaining('"FORBIDDEN"'),
      ])
      const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
      const stream = await fetch(`${hub.url}/api/v2/events/${name}`, { headers })
      expect([name, await stream.text()]).toEqual([name, expect.stringContaining('"FORBIDDEN"')])
      names.add(name)
    }
    expect(names.size).toBeGreaterThan(10)
  })

  it('every entity asked for by its key is nothing', async () => {
    const caller = { ...principal(DEMO), kind: 'key' as const, rows: [NOBODY] }
    const answers = await entityAnswers(hub, keys, caller)
    const shown = answers.flatMap(({ type, answer, asked }) =>
      leaks(answer.data, asked).length > 0 ? [type] : [],
    )
    expect(shown).toEqual([])
  })

  it('their own are shown with what hangs on them, and are all there is', async () => {
    const token = await keyFor(keys.Customer!)
    const query = `query ($id: ID!) { customers(first: 50) { totalCount nodes { id } }
      customer(id: $id) { name contacts { nodes { id } } deals { nodes { id } } tickets { nodes { id } } health { score }
        rfqs { nodes { id } } trunks { nodes { id } } } }`
    const mine = await hub.ask(query, { id: keys.Customer }, { token })
    const all = await hub.ask(query, { id: keys.Customer })
    expect(mine.errors).toBeUndefined()
    expect(mine.data.customer).toEqual(all.data.customer)
    expect(all.data.customer.contacts.nodes.length).toBeGreaterThan(0)
    expect(mine.data.customers).toEqual({ totalCount: 1, nodes: [{ id: keys.Customer }] })
    expect(all.data.customers.nodes.length).toBeGreaterThan(1)
  })
})

describe('from another organisation', () => {
  it('every root field shows nothing of the demo organisation and changes nothing in it', async () => {
    const token = await hub.token('admin', 'empty')
    const before = await counts()
    for (const { field, document } of probes.filter((probe) => probe.kind !== 'subscription')) {
      const answer = await hub.ask(document, {}, { token })
      expect([field, leaks(answer, document)]).toEqual([field, []])
    }
    expect(await counts()).toEqual(before)
  })

  it.each([
    ['REST route', byRest],
    ['tool of assistants', byAssistant],
  ] as const)('fault 59: no %s shows or changes anything of the demo organisation', async (_, askAll) => {
    const before = await counts()
    const asked = await askAll(hub, await hub.token('admin', 'empty'), samples)
    expect(asked.length).toBeGreaterThan(200)
    expect(asked.filter(({ answered }) => answered.includes('RATE_LIMITED'))).toEqual([])
    const shown = (one: Asked) => leaks(one.answered, one.asked).map((secret) => [one.name, secret])
    expect(asked.flatMap(shown)).toEqual([])
    expect(await counts()).toEqual(before)
  })

  it('fault 65: what is of somebody else is answered in the same words as what is not there', async () => {
    const token = await hub.token('admin', 'empty')
    const asked = probes.filter(({ kind }) => kind !== 'subscription')
    const answers = await answersToStrangers(hub, { token, probes: asked, keys })
    for (const { field, there, nowhere } of answers) expect([field, there]).toEqual([field, nowhere])
    expect(answers.length).toBeGreaterThan(80)
  })

  it('every entity asked for by its key is nothing', async () => {
    for (const { type, answer, asked } of await entityAnswers(hub, keys, principal(EMPTY)))
      expect([type, leaks(answer.data, asked)]).toEqual([type, []])
  })

  it('no subscription hears what happens in the demo organisation', async () => {
    const heard: unknown[] = []
    const token = await hub.token('admin', 'empty')
    const client = createClient({
      url: `${hub.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
    })
    const subscriptions = probes.filter((probe) => probe.kind === 'subscription')
    expect(subscriptions.length).toBeGreaterThan(5)
    for (const { document } of subscriptions)
      client.subscribe(
        { query: document },
        { next: (result) => heard.push(result.data), error: () => undefined, complete: () => undefined },
      )
    await sleep(300)
    await hub.ask(
      'mutation { startHubSpotSync(mode: FULL) { __typename } startC3Sync(mode: FULL) { __typename } }',
    )
    await hub.ask(
      'mutation { createTrunk(ban: "PROBE-1", input: { name: "Second", ipAddresses: ["198.51.100.2"], concurrentCalls: 1, monthlyMinutes: 1 }) { __typename } }',
    )
    await hub.synced()
    await sleep(500)
    await client.dispose()
    expect(heard).toEqual([])
  })
})

describe('past the gateway', () => {
  it('fault 61: a subgraph refuses everybody whom the gateway does not vouch for, and now', async () => {
    const forger = principalSeal('a secret that is not the hub’s own', systemClock)
    const late = principalSeal(SHARED_SECRET, new TestClock('2026-01-01T00:00:00Z'))
    for (const name of SUBGRAPHS)
      for (const headers of [
        {},
        { [PRINCIPAL_HEADER]: 'nonsense' },
        { [PRINCIPAL_HEADER]: await forger.sign(principal(DEMO)) },
        { [PRINCIPAL_HEADER]: await late.sign(principal(DEMO)) },
      ]) {
        const response = await fetch(`${hub.urls[name]}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
          body: JSON.stringify({ query: '{ __typename }' }),
        })
        expect([name, response.status]).toEqual([name, 401])
        for (const path of ['/feed', '/feed/snapshot']) {
          const feed = await fetch(`${hub.urls[name]}${path}`, { headers: headers as Record<string, string> })
          expect([name, path, feed.status]).toEqual([name, path, 401])
        }
      }
  })
})

/** How many rows the demo organisation has of everything that the probes' mutations could touch. */
const counts = async () => {
  const { data } = await hub.ask(/* GraphQL */ `
    {
      customers(first: 1) { totalCount } rfqs(first: 1) { totalCount } stock(first: 1) { totalCount }
      apiKeys { id revokedAt } billingAccount(ban: "PROBE-1") { trunks { totalCount } numbers { totalCount } }
      syncRuns { nodes { id state } } conflicts(filter: {}) { nodes { id version state } }
      c3Conflicts(filter: {}) { nodes { id version state } } c3SyncPlans { nodes { id state } } c3Policy { version }
    }`)
  return data
}
