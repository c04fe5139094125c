import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Kinds } from '#connectors/c3/index.ts'
import { controlOf } from '../kit/simulator.ts'
import { DEMO } from '../kit/subgraph.ts'
import { until } from '../kit/until.ts'
import { startWholeHub, type WholeHub } from '../kit/whole-hub.ts'

let hub: WholeHub
let sim: ReturnType<typeof controlOf>
const records = async <K extends 'rfqs' | 'customers' | 'inventory'>(kind: K) =>
  (await sim<{ records: Kinds[K][] }>(`records/${kind}`)).records

beforeAll(async () => {
  hub = await startWholeHub({ companies: 60, isByTheClock: false })
  sim = controlOf(hub.simulators.c3)
  await hub.synced()
})
afterAll(() => hub?.[Symbol.asyncDispose]())

interface Body {
  lastSync: string
  syncedEntities: Record<string, unknown>
  conflicts: unknown[]
  recommendations: { id: string }[]
}

/** Asks over REST, as a partner's program does. */
const rest = async (path: string, body?: unknown) => {
  const response = await fetch(`${hub.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${await hub.token()}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Body }
}

it('makes customers of C3’s accounts, the same ones that HubSpot knows wherever what both say shows it', async () => {
  const { truths } = await sim<{ truths: { hubspotId: string | null; c3CustomerId: string }[] }>('truth')
  const known = async (): Promise<Map<string, string[]>> => {
    const { data } = await hub.ask('{ customers(first: 200) { nodes { identities { system accountId } } } }')
    const all: { identities: { system: string; accountId: string }[] }[] = data.customers.nodes
    return new Map(
      all.flatMap(({ identities }) => {
        const of = (system: string) =>
          identities.filter((each) => each.system === system).map(({ accountId }) => accountId)
        return of('C3').map((id): [string, string[]] => [id, of('HUBSPOT')])
      }),
    )
  }
  await until(async () => (await known()).size === truths.length)
  const accounts = await hub.databases.inventory.database.read(DEMO, (tx) =>
    sql<{ id: string; c3CustomerId: string }>`
      select id, c3_customer_id as "c3CustomerId" from inventory.c3_accounts`.execute(tx),
  )
  const isWithCompany = (companies: readonly string[]) => companies.length > 0
  await until(async () => [...(await known()).values()].filter(isWithCompany).length > 10)
  const found = await known()
  const accountOf = new Map(accounts.rows.map(({ id, c3CustomerId }) => [c3CustomerId, id]))
  // Nobody is taken for somebody else. Of whom too little is known is a customer alone until somebody says more.
  const wrong = truths.filter(({ hubspotId, c3CustomerId }) => {
    const companies = found.get(accountOf.get(c3CustomerId)!)!
    return companies.length > 0 && !companies.includes(hubspotId ?? '')
  })
  expect(wrong).toEqual([])
})

it('says over REST how C3 and the hub stand, conflicts and what waits included, as it is documented', async () => {
  const [stock, rfqs] = [await records('inventory'), await records('rfqs')]
  const calm = await rest('/integrations/c3/sync-status')
  expect(calm).toMatchObject({
    status: 200,
    body: {
      syncedEntities: {
        inventory: { total: stock.length, synced: stock.length, pending: 0, errors: 0 },
        rfqs: { total: rfqs.length, synced: rfqs.length, pending: 0, errors: 0 },
      },
      conflicts: [],
    },
  })
  expect(Date.parse(calm.body.lastSync)).not.toBeNaN()
  // Two price the same line before either has heard of the other, and nobody has let the hub write to C3 yet.
  const open = rfqs.find(({ status }) => status === 'NEW')!
  const { data } = await hub.ask('{ rfqs(first: 200) { nodes { id c3RfqId } } }')
  const { id } = data.rfqs.nodes.find((node: { c3RfqId: string }) => node.c3RfqId === open.rfqId)
  const quoted = await hub.ask(
    'mutation ($id: ID!, $lines: [QuoteLineInput!]!) { quoteRfq(id: $id, lines: $lines) { __typename ... on Refusal { code message } } }',
    { id, lines: open.lines.map(({ line }) => ({ line, unitPrice: '7.5' })) },
  )
  expect(quoted.data.quoteRfq).toEqual({ __typename: 'RfqMoved' })
  const waiting = (await rest('/integrations/c3/sync-status')).body.syncedEntities.rfqs
  expect(waiting).toEqual({ total: rfqs.length, synced: rfqs.length - 1, pending: 1, errors: 0 })
  const [first, ...others] = open.lines
  await sim('records/rfqs', { rfqId: open.rfqId, lines: [{ ...first!, unitPrice: '9.0000' }, ...others] })
  await hub.ask('mutation { startC3Sync(mode: INCREMENTAL) { __typename } }')
  const conflicts = async () => (await rest('/integrations/c3/sync-status')).body.conflicts
  await until(async () => (await conflicts()).length === 1)
  expect(await conflicts()).toEqual([
    {
      entityType: 'rfqs',
      entityId: open.rfqId,
      conflictType: 'price_mismatch',
      c3Value: '9.0000',
      platformValue: '7.5000',
      lastModified: { c3: expect.any(String), platform: expect.any(String) },
    },
  ])
})

it('takes what is recommended for a request over REST, and C3 has it once', async () => {
  // As somebody who has looked at what would be written, and lets it go.
  await hub.databases.inventory.database.transaction(DEMO, (tx) =>
    sql`insert into sync.push_approvals (org_id, connection_id, approved_at)
      select org_id, id, created_at from inventory.integrations`.execute(tx),
  )
  const [open] = (await records('rfqs')).filter(({ status }) => status === 'NEW').slice(1)
  const { data } = await hub.ask('{ rfqs(first: 200) { nodes { id c3RfqId } } }')
  const { id } = data.rfqs.nodes.find((node: { c3RfqId: string }) => node.c3RfqId === open!.rfqId)
  const { partNumber } = open!.lines[0]!
  const sent = {
    rfqId: id,
    recommendations: [
      {
        type: 'pricing',
        component: partNumber,
        suggestedPrice: 13.25,
        confidence: 0.92,
        reasoning: 'As the market has it.',
      },
    ],
  }
  const answer = await rest('/integrations/c3/push-recommendations', sent)
  expect(answer).toMatchObject({
    status: 202,
    body: { rfqId: id, pushed: 1, recommendations: [{ type: 'pricing', component: partNumber }] },
  })
  // The same again is the same.
  expect((await rest('/integrations/c3/push-recommendations', sent)).body.recommendations[0]!.id).toBe(
    answer.body.recommendations[0]!.id,
  )
  const there = () =>
    sim<{ count: number; records: { rfqId: string; unitPrice: string }[] }>('records/price-recommendations')
  await until(async () => (await there()).count === 1)
  expect((await there()).records).toMatchObject([{ rfqId: open!.rfqId, unitPrice: '13.2500' }])
  expect(
    (await rest('/integrations/c3/push-recommendations', { rfqId: 'nobody' })).status,
  ).toBeGreaterThanOrEqual(400)
})
