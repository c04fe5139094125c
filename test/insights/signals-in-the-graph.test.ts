import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { openIssuer } from '#gateway/identity/issuer.ts'
import { systemClock } from '#kernel/clock.ts'
import { startHub } from '#subgraphs/hub/index.ts'
import { startInsights } from '#subgraphs/insights/index.ts'
import { openGateway } from '#test/kit/gateway.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { temporaryDirectory } from '#test/kit/server.ts'
import {
  askSubgraph,
  EMPTY,
  NO_SIBLINGS,
  principal,
  SHARED_SECRET,
  startWith,
  TEST_KEY,
} from '#test/kit/subgraph.ts'
import { insightsBed } from './bed.ts'
import { ago, NOW } from './facts.ts'
import { demoWorld, start } from './running.ts'
import { says } from './world.ts'

/** The demo organisation's customer with a company, a billing account with an invoice, and an order. */
const facts = () => {
  const world = demoWorld()
  const accounts = ['HUBSPOT:company', 'C3:c3-1', 'WARP:ban-1']
  world.tell('customers.identity.changed', says.identity('customer', 1, accounts))
  world.tell(
    'customers.company.changed',
    says.company('company', { industry: 'Toys', domain: 'acme.example' }),
  )
  world.tell('telephony.account.changed', says.account('ban-1'))
  world.tell('inventory.order.changed', {
    ...{ orderId: 'order', accountId: 'c3-1', kind: 'SALE', day: '2026-11-02', deleted: false },
    ...{ orderedAt: ago(18).toISOString(), total: { amount: '30.3000', currency: 'EUR' } },
    lines: [
      {
        ...{ componentId: 'part', manufacturer: 'Murata', category: null, family: 'GRM' },
        ...{ quantity: 3, amount: '30.3000' },
      },
    ],
    observedAt: ago(2).toISOString(),
  })
  return world
}
const SIGNALS = /* GraphQL */ `
  query ($customerId: ID!, $kind: String, $system: SignalSystem, $first: Int!, $after: Cursor) {
    signals(customerId: $customerId, kind: $kind, system: $system, first: $first, after: $after) {
      nodes { kind title system recordId accountSystem accountId amount unit label happenedAt endedAt observedAt source position
        details { name value } lines { category family manufacturer quantity amount } }
      edges { cursor }
      pageInfo { endCursor hasNextPage }
    }
  }`
const INGEST =
  'mutation ($signals: [SignalInput!]!) { ingestSignals(signals: $signals) { __typename ... on SignalsIngested { accepted known refused { index code message } } ... on Invalid { field } } }'
const payment = (n: number, at = ago(3)) => ({
  ...{ system: 'PAYPAL', kind: 'payment', record: `p-${n}`, account: { domain: 'acme.example' } },
  ...{
    amount: '10',
    unit: 'USD',
    label: 'COMPLETED',
    happenedAt: at.toISOString(),
    observedAt: at.toISOString(),
  },
})

it('shows the facts about a customer with who says them and where, newest first, page by page, and to nobody else', async () => {
  await using hub = await start()
  await hub.bed.take(facts().told, NOW)
  const ask = async (variables: object = {}, orgId?: string) => {
    const asked = { customerId: 'customer', first: 50, ...variables }
    const { data, errors } = await askSubgraph(hub.url, SIGNALS, asked, principal(orgId))
    expect(errors).toBeUndefined()
    return data.signals
  }
  const { nodes } = await ask({ kind: 'order' })
  expect(nodes).toEqual([
    {
      ...{
        kind: 'order',
        title: 'Order',
        system: 'C3',
        recordId: 'order',
        accountSystem: 'C3',
        accountId: 'c3-1',
      },
      ...{ amount: '30.3', unit: 'EUR', label: 'SALE', happenedAt: ago(18).toISOString(), endedAt: null },
      ...{ observedAt: ago(2).toISOString(), source: 'inventory', position: '1', details: [] },
      lines: [{ category: null, family: 'GRM', manufacturer: 'Murata', quantity: 3, amount: '30.3' }],
    },
  ])
  const [company] = (await ask({ system: 'HUBSPOT' })).nodes
  expect(company.details).toEqual([{ name: 'industry', value: 'Toys' }])

  // Many of them observed at the same moment.
  const signals = Array.from({ length: 30 }, (_, n) => payment(n, n % 3 ? ago(3) : ago(2)))
  await askSubgraph(hub.url, INGEST, { signals })
  const all: { observedAt: string; recordId: string }[] = (await ask()).nodes
  expect(all).toHaveLength(34)
  expect(all.map(({ observedAt }) => observedAt)).toEqual(
    all.map(({ observedAt }) => observedAt).sort((a, b) => (a < b ? 1 : -1)),
  )
  const paged: unknown[] = []
  for (let after: string | null = null; ; ) {
    hub.statements.length = 0
    const page = await ask({ first: 7, after })
    expect(hub.statements.filter((text) => text.includes('insights.signals'))).toHaveLength(1)
    paged.push(...page.nodes)
    if (!page.pageInfo.hasNextPage) break
    after = page.pageInfo.endCursor
  }
  expect(paged).toEqual(all)
  expect((await ask({}, EMPTY)).nodes).toEqual([])
  const { errors } = await askSubgraph(hub.url, SIGNALS, { customerId: 'customer', first: 1, kind: 'gossip' })
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_INPUT' } }])
})

it('lists every kind of fact with who may say it, and how much of each is known of a customer', async () => {
  await using hub = await start()
  await hub.bed.take(facts().told, NOW)
  const days = ['2026-11-17', '2026-11-18'].map((day) => ({
    ...{
      system: 'WEB',
      kind: 'web-visits',
      account: { system: 'WARP', id: 'ban-1' },
      day,
      amount: '3',
      unit: 'visits',
    },
    observedAt: ago(1).toISOString(),
  }))
  await askSubgraph(hub.url, INGEST, { signals: [payment(1), ...days] })
  const { data } = await askSubgraph(
    hub.url,
    `query ($id: ID!) {
      signals(customerId: $id, first: 1) { kinds { kind title known } }
      insightsSettings { signalKinds { kind title shape systems holds { name value } units isSent } } }`,
    { id: 'customer' },
  )
  const known: { kind: string; known: number }[] = data.signals.kinds
  expect(Object.fromEntries(known.map((one) => [one.kind, one.known]))).toEqual({
    ...{ company: 1, order: 1, billing: 1, 'account-status': 1, payment: 1, 'web-visits': 2 },
  })
  const kinds: { kind: string }[] = data.insightsSettings.signalKinds
  expect(kinds.find(({ kind }) => kind === 'satisfaction')).toEqual({
    ...{ kind: 'satisfaction', title: 'What somebody says of us', shape: 'EVENT', isSent: true },
    ...{ systems: ['NINJAONE', 'EMAIL', 'WEB'], units: ['percent'] },
    holds: [
      { name: 'amount', value: '0 (not content at all) to 100' },
      { name: 'happenedAt', value: 'said' },
    ],
  })
})

it('takes up to a thousand facts over the graph, names what it refuses, and writes down who sent them', async () => {
  await using hub = await start()
  await hub.bed.take(facts().told, NOW)
  const send = async (signals: object[]) =>
    (await askSubgraph(hub.url, INGEST, { signals })).data.ingestSignals
  expect(await send([payment(1), { ...payment(2), unit: 'coins' }])).toEqual({
    ...{ __typename: 'SignalsIngested', accepted: 1, known: 0 },
    refused: [{ index: 1, code: 'WRONG_UNIT', message: 'unit must be a currency of three capital letters.' }],
  })
  expect(await send(Array.from({ length: 1001 }, (_, n) => payment(n)))).toEqual({
    ...{ __typename: 'Invalid', field: 'signals' },
  })
  const audited = await hub.bed.rows<{ action: string; diff: Record<string, unknown> }>(
    'select action, diff from service.audit_log',
  )
  expect(audited.map(({ action }) => action)).toEqual(['ingestSignals'])
  expect(JSON.stringify(audited)).not.toMatch(/p-1|acme/)
  const { errors } = await askSubgraph(
    hub.url,
    INGEST,
    { signals: [payment(3)] },
    {
      ...principal(),
      scopes: ['insights:read'],
    },
  )
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
})

it('takes packed lines at the door from whoever may write, and nothing from others', async () => {
  await using stack = new AsyncDisposableStack()
  const hubDatabase = stack.use(await testDatabase('hub'))
  const bed = stack.use(await insightsBed())
  const world = facts()
  await bed.take(world.told, NOW)
  const hub = stack.use(
    await startHub({ ...startWith(hubDatabase.urls), demo: true, encryptionKeys: [TEST_KEY] }),
  )
  const insights = stack.use(await startInsights(startWith(bed.test.urls)))
  const home = stack.use(await temporaryDirectory())
  const issuer = await openIssuer({ home: home.path, clock: systemClock })
  const subgraphs = { ...NO_SIBLINGS, hub: hub.url!, insights: insights.url! }
  const gateway = stack.use(await openGateway(issuer, subgraphs, { sharedSecret: SHARED_SECRET }))
  const post = async (body: Buffer | string, role?: string, headers: Record<string, string> = {}) => {
    const authorization = role ? `Bearer ${await issuer.issue({ role, org: 'demo' })}` : ''
    const response = await fetch(`${gateway.url}/api/v1/signals`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', ...headers, ...(role ? { authorization } : {}) },
      body,
    })
    return { status: response.status, body: await response.json() }
  }
  const lines = [payment(1), { ...payment(2), kind: 'gossip' }, payment(3)].map((line) =>
    JSON.stringify(line),
  )
  const packed = gzipSync([...lines.slice(0, 1), '', 'no json', ...lines.slice(1)].join('\n'))
  expect(await post(packed, undefined, { 'content-encoding': 'gzip' })).toMatchObject({ status: 401 })
  expect(await post(packed, 'readonly', { 'content-encoding': 'gzip' })).toMatchObject({ status: 403 })
  const taken = {
    ...{ accepted: 2, known: 0, refusedCount: 2 },
    refused: [
      { line: 3, code: 'MALFORMED', message: 'It is no object with the parts of a fact.' },
      {
        line: 4,
        code: 'UNKNOWN_KIND',
        message: 'kind is none that can be sent; insightsSettings lists them.',
      },
    ],
  }
  expect(await post(packed, 'admin', { 'content-encoding': 'gzip' })).toEqual({ status: 200, body: taken })
  const again = await post(packed, 'admin', { 'content-encoding': 'gzip' })
  expect(again.body).toMatchObject({ accepted: 0, known: 2, refusedCount: 2 })
})
