import { expect, it } from 'vitest'
import type { Subgraph } from '#db/databases.ts'
import { session } from '#db/session.ts'
import { readSnapshot } from '#events/feed-client.ts'
import type { EventPayload } from '#schema/events.ts'
import { readFacts } from '#subgraphs/insights/commands/read-facts.ts'
import { nameOf } from '#test/kit/business-names.ts'
import { controlOf } from '#test/kit/simulator.ts'
import { until } from '#test/kit/until.ts'
import { gatewaySeal, startWholeHub, type WholeHub } from '#test/kit/whole-hub.ts'
import type { ScoreRow } from './bed.ts'
import { healthOf } from './facts.ts'

const IDENTITY = 'customers.identity.changed'
const SOURCES = {
  customers: ['company', 'contact', 'deal', 'ticket', 'identity'].map((kind) => `customers.${kind}.changed`),
  inventory: ['inventory.rfq.changed'],
  telephony: ['telephony.account.changed', 'telephony.trunk.changed'],
} as const

/** What the siblings say now of everything, asked of each anew and not by following. */
const stateNow = async (hub: WholeHub) => {
  const identities: EventPayload<typeof IDENTITY>[] = []
  const facts: ReturnType<typeof readFacts> = []
  for (const source of ['customers', 'inventory', 'telephony'] as const) {
    const feed = { url: hub.urls[source], source, reader: 'test', seal: gatewaySeal }
    for await (const { events } of readSnapshot(feed, SOURCES[source], new AbortController().signal))
      for (const event of events)
        if (event.name === IDENTITY) identities.push(event.payload as EventPayload<typeof IDENTITY>)
        else facts.push(...readFacts(event))
  }
  return { identities, signals: facts.flatMap(({ signal }) => (signal ? [signal] : [])) }
}

/** Waits until every score is what the siblings' present state gives, computed from nothing. @returns how many there are */
const expectSame = async (hub: WholeHub): Promise<number> => {
  const compare = async () => {
    const { identities, signals } = await stateNow(hub)
    const scores = await rowsOf<ScoreRow>(hub, 'insights', 'select * from insights.health')
    const kept = new Map(scores.map((row) => [row.customer_id, row]))
    const alive = identities.filter((i) => i.mergedInto === null && i.accounts.length > 0)
    expect([...kept.keys()].sort()).toEqual(alive.map((i) => i.customerId).sort())
    for (const { customerId, accounts } of alive) {
      const own = signals.filter((s) =>
        accounts.some((a) => a.system === s.accountSystem && a.accountId === s.accountId),
      )
      const row = kept.get(customerId)!
      const { score, confidence } = healthOf(own, row.as_of)
      expect([customerId, row.score]).toEqual([customerId, score === null ? null : score.toFixed(2)])
      // A snapshot of C3's records says when they were last synced, not when they changed: they look fresher than they are.
      if (!accounts.some((a) => a.system === 'C3'))
        expect([customerId, row.confidence]).toEqual([customerId, confidence.toFixed(2)])
    }
    return alive.length
  }
  return await until(compare, { everyMs: 100 })
}

let hosts = 0
const create = (hub: WholeHub, ban: string, domain: string | null) =>
  hub.ask(
    'mutation ($input: BillingAccountInput!) { createBillingAccount(input: $input) { ... on BillingAccountCreated { account { ban } } ... on Refusal { message } } }',
    {
      input: {
        ban,
        name: nameOf(domain, `Account ${ban}`),
        domain,
        mrr: '1500',
        trunks: [
          { name: 'Main', ipAddresses: [`198.51.100.${++hosts}`], concurrentCalls: 10, monthlyMinutes: 100 },
        ],
      },
    },
  )
const accountsOf = async (hub: WholeHub, id: string): Promise<string[]> => {
  const query = 'query ($id: ID!) { customer(id: $id) { billingAccounts { ban } } }'
  return (await hub.ask(query, { id })).data.customer.billingAccounts.map((a: { ban: string }) => a.ban)
}
const rowsOf = async <T>(hub: WholeHub, subgraph: Subgraph, sql: string): Promise<T[]> =>
  session(hub.databases[subgraph].adminUrl, async (client) => (await client.query(sql)).rows as T[])
const versionOf = async (hub: WholeHub, id: string): Promise<number> => {
  const rows = await rowsOf<{ id: string; v: number }>(
    hub,
    'customers',
    'select id, identity_version as v from customers.customers',
  )
  return rows.find((row) => row.id === id)!.v
}

it('agrees, however it came there, with a computation from nothing on what customers, inventory and telephony say', async () => {
  await using hub = await startWholeHub({ companies: 40 })
  await hub.synced()
  const { data } = await hub.ask(
    '{ customers(first: 200, filter: { system: HUBSPOT }) { nodes { id domain } } }',
  )
  const nodes = data.customers.nodes as { id: string; domain: string | null }[]
  const first = nodes.find((c) => c.domain && nodes.filter((o) => o.domain === c.domain).length === 1)!
  expect((await create(hub, 'WARP-1', first.domain)).errors).toBeUndefined()
  // One that is a customer of its own.
  expect((await create(hub, 'WARP-2', null)).errors).toBeUndefined()
  await until(async () => (await accountsOf(hub, first.id)).includes('WARP-1'))
  expect(await expectSame(hub)).toBeGreaterThan(40)

  // Somebody puts the second account to the customer by hand: its own customer is no more.
  const link = async (): Promise<string> => {
    const { data } = await hub.ask(
      'mutation ($id: ID!, $v: Int!) { linkIdentity(customerId: $id, account: { system: WARP, accountId: "WARP-2" }, expectedVersion: $v) { __typename } }',
      { id: first.id, v: await versionOf(hub, first.id) },
    )
    return data.linkIdentity.__typename
  }
  // Customers may not have met the account yet: then there is nothing to link.
  await until(async () => (await link()) === 'Linked')
  await until(async () => (await accountsOf(hub, first.id)).includes('WARP-2'))
  await expectSame(hub)

  // Changes at the source, and one record that goes.
  const portal = controlOf(hub.simulators.hubspot)
  const { results } = await portal<{ results: { id: string }[] }>('records/companies')
  for (const change of [
    { id: results[0]!.id, properties: { lifecyclestage: 'evangelist' } },
    { id: results[1]!.id, archived: true },
  ])
    await portal('records/companies', change)
  await hub.ask('mutation { startHubSpotSync(mode: RECONCILE) { __typename } }')
  await until(async () => {
    const { data } = await hub.ask('{ syncRuns(first: 5) { nodes { mode state } } }')
    return data.syncRuns.nodes.some(
      (run: { mode: string; state: string }) => run.mode === 'RECONCILE' && run.state === 'COMPLETED',
    )
  })
  await until(async () => (await expectSame(hub)) > 0)
})
