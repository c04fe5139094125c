import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { SUBGRAPHS } from '#db/databases.ts'
import { sleep, systemClock } from '#kernel/clock.ts'
import { PRINCIPAL_HEADER, principalSeal } from '#kernel/principal.ts'
import { controlOf } from '#test/kit/simulator.ts'
import { apiSchema, type Probe, probesOf, type Samples } from '../kit/probes.ts'
import { DEMO, EMPTY, principal } from '../kit/subgraph.ts'
import { until } from '../kit/until.ts'
import { startWholeHub, type WholeHub } from '../kit/whole-hub.ts'
import { type Asked, byAssistant, byRest } from './doors.ts'
import { entityAnswers } from './entities.ts'
import { samplesOf } from './samples.ts'
import {
  LEVEL_TRACE,
  leaveBilling,
  leaveC3Traces,
  leaveChurn,
  leaveEnrichment,
  leaveHealth,
  leaveInsights,
  leaveRegistrations,
  leaveTraces,
  TRACES,
} from './traces.ts'

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

beforeAll(async () => {
  hub = await startWholeHub({ companies: 20, isByTheClock: false, advises: true })
  await hub.synced()
  const opened = await hub.ask(/* GraphQL */ `
    mutation {
      createBillingAccount(
        input: { ban: "PROBE-1", name: "Probe Telephony", domain: "probe-telephony.example", trunks: [{ name: "Probe trunk", ipAddresses: ["198.51.100.1"], concurrentCalls: 5, monthlyMinutes: 10 }], numbers: [{ number: "+13035550100" }] }
      ) { ... on BillingAccountCreated { account { trunks { nodes { id } } numbers { nodes { id } } } } }
      createApiKey(name: "probe", scopes: ["customers:read"]) { ... on ApiKeyCreated { apiKey { id } } }
      createPartnerWebhook(input: { name: "Probe partner", url: "https://partner.example/hooks", events: [SYNC_CANCELLED] }) {
        ... on PartnerWebhookCreated { webhook { id } }
      }
      setCreditPerCall(perCall: "17.3141") { __typename }
      setInsightsSettings(expectedVersion: 1, changes: { health: { weights: { crm: "17.3141", payment: "1", usage: "1", support: "1" } } }) {
        ... on InsightsSettingsSet { recompute { requestedAt } }
      }
    }`)
  const soon = new Date(systemClock.now().getTime() + 3_600_000).toISOString()
  await hub.ask(
    'mutation ($area: String!, $until: DateTime!) { setLogLevel(area: $area, level: WARN, until: $until) { __typename } }',
    { area: LEVEL_TRACE, until: soon },
  )
  await hub.ask(
    `mutation ($trunkId: ID!, $at: DateTime!) { reportActiveCalls(readings: [{ trunkId: $trunkId, at: $at, activeCalls: 5 }]) { __typename } }`,
    {
      trunkId: opened.data.createBillingAccount.account.trunks.nodes[0].id,
      at: systemClock.now().toISOString(),
    },
  )
  const { data } = await hub.ask(/* GraphQL */ `
    {
      customers(first: 5) { nodes { id name owner { id } contacts { nodes { id email } } deals { nodes { id name } } tickets { nodes { id } } } }
      tasks(first: 1) { nodes { id } }
      customersWithNotes: customers(first: 20) { nodes { notes(first: 1) { nodes { id } } } }
      renewals(window: { from: "2020-01-01", to: "2040-01-01" }, first: 1) { nodes { id } }
      rfqs(first: 5) { nodes { id number account { id } } }
      stock(first: 5) { nodes { id c3StockId } }
      components(first: 1) { nodes { id partNumber } }
      suppliers(first: 1) { nodes { id name } }
      transactions(first: 1) { nodes { id } }
      integrations { id system syncRuns { nodes { id } } }
    }`)
  const integrationOf = (system: string) =>
    data.integrations.find((one: { system: string }) => one.system === system)
  await leaveTraces(hub, integrationOf('HUBSPOT').id)
  const registered = await leaveRegistrations(hub.ask, 'PROBE-1')
  await leaveC3Traces(hub, integrationOf('C3').id)
  await leaveChurn(hub)
  await leaveEnrichment(hub, data.customers.nodes[0].id)
  const { planId, invoiceId } = await leaveBilling(hub, 'PROBE-1')
  const contested = await hub.ask('{ conflicts { nodes { id } } c3Conflicts { nodes { id } } }')
  const c3Plans = (await hub.ask('{ c3SyncPlans { nodes { id runId } } }')).data.c3SyncPlans.nodes
  const plans = (await hub.ask('{ syncPlans { nodes { id } } }')).data.syncPlans.nodes
  const customers = data.customers.nodes
  const begun = await hub.ask(
    `mutation ($id: ID!) {
      startOnboarding(customerId: $id) { ... on OnboardingChanged { onboarding { id } } }
      setWelcomeMail(expectedVersion: 1, sendsMail: false, subject: "Probe welcome") { __typename }
      setGoldenRules(expectedVersion: 1, rules: [{ field: CITY, choose: MOST_SAID, systems: [WARP] }]) {
        ... on GoldenRulesSet { goldenRules { progress { startedAt } } } }
    }`,
    { id: customers[0].id },
  )
  const provisioning = await hub.ask(
    'query ($id: ID!) { planProvisioning(integrationId: $id) { ... on ProvisioningPlan { hash } } }',
    { id: integrationOf('HUBSPOT').id },
  )
  const given = await hub.ask(
    `mutation ($id: ID!) { giveRecommendations(input: { rfqId: $id, recommendations: [{ kind: PRICING, partNumber: "Probe part", price: "1.25", reasoning: "Probe" }] }) {
      ... on RecommendationsPushed { recommendations { id } } } }`,
    { id: data.rfqs.nodes[0].id },
  )
  const onboardingId = begun.data.startOnboarding.onboarding.id
  const first = <T>(lists: T[][]): T => lists.flat()[0] as T
  // Found once the accounts have come.
  const candidate = await until(async () => {
    const asked = await hub.ask(
      `query ($of: ID!) { identityCandidates(filter: { states: [LINKED] }, first: 1) { nodes { id } }
        explainMatch(a: { system: WARP, accountId: "PROBE-1" }, b: { system: C3, accountId: $of }) { score } }`,
      { of: data.rfqs.nodes[0].account.id },
    )
    return asked.data.explainMatch && (asked.data.identityCandidates.nodes[0] as { id: string } | undefined)
  })
  keys = {
    Customer: customers[0].id,
    Contact: first(
      customers.map((c: { contacts: { nodes: { id: string }[] } }) => c.contacts.nodes.map((n) => n.id)),
    ),
    Deal: first(customers.map((c: { deals: { nodes: { id: string }[] } }) => c.deals.nodes.map((n) => n.id))),
    Ticket: first(
      customers.map((c: { tickets: { nodes: { id: string }[] } }) => c.tickets.nodes.map((n) => n.id)),
    ),
    Task: data.tasks.nodes[0].id,
    Note: first(
      data.customersWithNotes.nodes.map((c: { notes: { nodes: { id: string }[] } }) =>
        c.notes.nodes.map((n) => n.id),
      ),
    ),
    Owner: first(customers.map((c: { owner: { id: string } | null }) => (c.owner ? [c.owner.id] : []))),
    Rfq: data.rfqs.nodes[0].id,
    C3Account: data.rfqs.nodes[0].account.id,
    StockItem: data.stock.nodes[0].id,
    Component: data.components.nodes[0].id,
    Supplier: data.suppliers.nodes[0].id,
    Transaction: data.transactions.nodes[0].id,
    Recommendation: given.data.giveRecommendations.recommendations[0].id,
    BillingAccount: 'PROBE-1',
    Trunk: opened.data.createBillingAccount.account.trunks.nodes[0].id,
    PhoneNumber: opened.data.createBillingAccount.account.numbers.nodes[0].id,
    HubSpotIntegration: integrationOf('HUBSPOT').id,
    C3Integration: integrationOf('C3').id,
    ApiKey: opened.data.createApiKey.apiKey.id,
    PartnerWebhook: opened.data.createPartnerWebhook.webhook.id,
    Organisation: DEMO,
    SyncRun: integrationOf('HUBSPOT').syncRuns.nodes[0].id,
    SyncPlan: plans[0].id,
    IdentityCandidate: candidate.id,
    Insight: await leaveInsights(hub, customers[0].id),
    Conflict: contested.data.conflicts.nodes[0].id,
    C3Conflict: contested.data.c3Conflicts.nodes[0].id,
    C3Plan: c3Plans[0].id,
    C3Run: c3Plans[0].runId,
  }
  const portal = controlOf(hub.simulators.hubspot)
  const { results } = await portal<{ results: { id: string }[] }>('records/companies')
  secrets = [
    ...Object.values(keys),
    ...[planId, invoiceId],
    ...results.map((company) => company.id),
    ...customers.flatMap((c: { name: string; contacts: { nodes: { email: string | null }[] } }) => [
      c.name,
      ...c.contacts.nodes.flatMap((n) => (n.email ? [n.email] : [])),
    ]),
    data.renewals.nodes[0].id,
    ...data.rfqs.nodes.map((r: { number: string }) => r.number),
    ...TRACES,
    provisioning.data.planProvisioning.hash,
    onboardingId,
    begun.data.setGoldenRules.goldenRules.progress.startedAt,
    data.suppliers.nodes[0].name,
    ...['Probe welcome', 'Probe partner'],
    // Of what was noticed: its rule, what it says, and what confidence promised of those that somebody has judged.
    ...['probe-detector', 'Probe noticed.', '23.7'],
    'Probe Telephony',
    'Probe trunk',
    ...['Probe carrier', 'Probe brand', 'BPROBE900', 'Probe campaign', '+13035550190'],
    ...Object.values(registered),
    '+13035550100',
    '17.3141',
    opened.data.setInsightsSettings.recompute.requestedAt,
  ]
  const facts = await until(async () => {
    const asked = 'query ($id: ID!) { signals(customerId: $id) { nodes { recordId } } }'
    const { nodes } = (await hub.ask(asked, { id: keys.Customer })).data.signals
    return nodes.length > 0 ? (nodes as { recordId: string }[]) : undefined
  })
  secrets.push(...facts.map(({ recordId }) => recordId))
  const left = { planId, invoiceId, registered, onboardingId }
  samples = {
    ...samplesOf(keys, { ...left, partNumber: data.components.nodes[0].partNumber }),
    'CustomerInsights.companyId': results[0]!.id,
  }
  probes = probesOf(apiSchema(), samples)
})
afterAll(() => hub?.[Symbol.asyncDispose]())

/** What an answer gives away: values of the demo organisation that were not in the question. */
const leaks = (answer: unknown, asked: string): string[] => {
  const text = JSON.stringify(answer)
  return secrets.filter(
    (secret) => text.includes(JSON.stringify(secret).slice(1, -1)) && !asked.includes(secret),
  )
}

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

  it('every root field shows nothing of the others, and no change and no subscription is theirs', async () => {
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
  it('a subgraph refuses everybody whom the gateway does not vouch for', async () => {
    const forger = principalSeal('a secret that is not the hub’s own', systemClock)
    for (const name of SUBGRAPHS)
      for (const headers of [
        {},
        { [PRINCIPAL_HEADER]: 'nonsense' },
        { [PRINCIPAL_HEADER]: await forger.sign(principal(DEMO)) },
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
