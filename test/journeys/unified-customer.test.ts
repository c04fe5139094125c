import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import { shape } from '#operations/shapes/CustomerInsights.ts'
import { controlOf } from '../kit/simulator.ts'
import { until } from '../kit/until.ts'
import { startWholeHub, type WholeHub } from '../kit/whole-hub.ts'

/** The question the hub exists for: one customer, from every system, in one request. */
const UNIFIED = /* GraphQL */ `
  query ($first: Int!) {
    customers(first: $first) {
      nodes {
        id
        name
        owner { name }
        identities { system accountId linkedBy }
        contacts(first: 5) { totalCount nodes { email } }
        deals(first: 5) { totalCount nodes { name stageLabel amount { amount currency } } }
        tickets(first: 5) { totalCount nodes { subject } }
        rfqs(first: 5) { totalCount nodes { number status account { name } } }
        billingAccounts { ban mrr { amount } }
        trunks(first: 5) { totalCount nodes { name account { ban } } }
        health { score confidence recomputing contributions { metric points } }
      }
    }
  }`

interface Unified {
  id: string
  identities: { system: string }[]
  contacts: { totalCount: number }
  rfqs: { totalCount: number; nodes: { number: string }[] } | null
  trunks: { totalCount: number; nodes: { name: string }[] } | null
  health: {
    score: string | null
    confidence: string
    recomputing: boolean
    contributions: { points: string }[]
  } | null
}

let hub: WholeHub
const customers = async (first: number): Promise<Unified[]> => {
  const { data, errors } = await hub.ask(UNIFIED, { first })
  expect(errors).toBeUndefined()
  return data.customers.nodes
}

beforeAll(async () => {
  hub = await startWholeHub({ companies: 60 })
  await hub.synced()
  // WARP's accounts come by mutation: each is given the domain of a company, so that it finds its customer.
  const { data } = await hub.ask(
    '{ customers(first: 60, filter: { system: HUBSPOT }) { nodes { name domain } } }',
  )
  const accounts = data.customers.nodes
    .filter((c: { domain: string | null }) => c.domain)
    .slice(0, 30)
    .map((c: { name: string; domain: string }, i: number) => ({
      ban: `WARP-${100 + i}`,
      name: c.name,
      domain: c.domain,
      mrr: '900.00',
      trunks: [
        { name: 'Main', ipAddresses: [`198.51.100.${i + 1}`], concurrentCalls: 10, monthlyMinutes: 1000 },
      ],
    }))
  const sent = await hub.ask(
    'mutation ($a: [BillingAccountInput!]!) { importBillingAccounts(accounts: $a) { ... on BillingAccountsImported { created } } }',
    { a: accounts },
  )
  expect(sent.data.importBillingAccounts.created).toBe(accounts.length)
  // Settled: every account has found its customer and every score has followed.
  await until(
    async () => {
      const all = await customers(200)
      return (
        all.filter((c) => c.identities.some((i) => i.system === 'WARP')).length >= accounts.length &&
        all.every((c) => c.health && !c.health.recomputing)
      )
    },
    { everyMs: 200 },
  )
})
afterAll(() => hub?.[Symbol.asyncDispose]())

describe('the unified customer', () => {
  it('has people, deals, requests, trunks and health in one request, from the systems that know it', async () => {
    const all = await customers(200)
    const whole = all.filter((c) =>
      ['HUBSPOT', 'C3', 'WARP'].every((s) => c.identities.some((i) => i.system === s)),
    )
    expect(whole.length).toBeGreaterThan(0)
    for (const customer of whole) {
      expect(customer.trunks?.nodes).toEqual([expect.objectContaining({ name: 'Main' })])
      expect(Number(customer.health?.confidence)).toBeGreaterThan(0)
    }
    expect(whole.some((customer) => (customer.rfqs?.totalCount ?? 0) > 0)).toBe(true)
  })

  it('shows requests for prices with their deals from both sides, linked by somebody or by the number in HubSpot', async () => {
    const { data } = await hub.ask(
      '{ rfqs(first: 2) { nodes { id number } } integrations { id system } customers(first: 60) { nodes { deals(first: 1) { nodes { id hubspotDealId } } } } }',
    )
    const deals = data.customers.nodes.flatMap((c: { deals: { nodes: object[] } }) => c.deals.nodes)
    const [[first, second], [mine, there]] = [data.rfqs.nodes, deals]
    const linked = await hub.ask(
      'mutation ($rfqId: ID!, $dealId: ID!) { linkRfqToDeal(rfqId: $rfqId, dealId: $dealId) { ... on RfqLinked { isNew rfq { number } } ... on Refusal { message } } }',
      { rfqId: first.id, dealId: mine.id },
    )
    expect(linked.data.linkRfqToDeal).toEqual({ isNew: true, rfq: { number: first.number } })
    const id = data.integrations.find((one: { system: string }) => one.system === 'HUBSPOT').id
    const furnished = await hub.ask(
      'mutation ($id: ID!) { provisionHubSpot(integrationId: $id) { ... on HubSpotProvisioned { problems { name } } } }',
      { id },
    )
    expect(furnished.data.provisionHubSpot.problems).toEqual([])
    const portal = controlOf(hub.simulators.hubspot)
    await portal('records/deals', { id: there.hubspotDealId, properties: { rfq_number: second.number } })
    // A run that is under way is answered instead, and may have read deals before.
    await until(async () => {
      const started = await hub.ask(
        'mutation { startHubSpotSync(mode: FULL) { ... on SyncStarted { run { mode } } } }',
      )
      return started.data.startHubSpotSync.run.mode === 'FULL'
    })
    const seen = () =>
      hub.ask(
        '{ rfqs(first: 2) { nodes { deals { nodes { id } } } } customers(first: 60) { nodes { deals(first: 1) { nodes { id rfqs { nodes { number } edges { linkedBy } } } } } } }',
      )
    const answer = await until(async () => {
      const found = await seen()
      return found.data.rfqs.nodes.every((r: { deals: { nodes: object[] } }) => r.deals.nodes.length > 0)
        ? found
        : undefined
    })
    expect(answer.errors).toBeUndefined()
    expect(answer.data.rfqs.nodes).toEqual(
      [mine, there].map((deal) => ({ deals: { nodes: [{ id: deal.id }] } })),
    )
    const shown = answer.data.customers.nodes
      .flatMap((c: { deals: { nodes: { rfqs: { nodes: object[] } }[] } }) => c.deals.nodes)
      .filter((deal: { rfqs: { nodes: object[] } }) => deal.rfqs.nodes.length > 0)
    expect(shown).toEqual([
      { id: mine.id, rfqs: { nodes: [{ number: first.number }], edges: [{ linkedBy: 'MANUAL' }] } },
      { id: there.id, rfqs: { nodes: [{ number: second.number }], edges: [{ linkedBy: 'PROPERTY' }] } },
    ])
  })

  it('explains every score: the contributions sum to it', async () => {
    for (const { health } of await customers(200)) {
      if (!health || health.score === null) continue
      const sum = health.contributions.reduce((total, c) => total + Number(c.points), 0)
      expect(Math.abs(sum - Number(health.score))).toBeLessThanOrEqual(0.01)
    }
  })

  it('tells over REST what is thought of a HubSpot company’s customer, as it was documented, and knows no company that is not there', async () => {
    const rest = async (companyId: string) =>
      fetch(`${hub.url}/integrations/hubspot/customer-insights/${companyId}`, {
        headers: { authorization: `Bearer ${await hub.token()}` },
      })
    const { data } = await hub.ask(
      '{ customers(first: 200, filter: { system: C3 }) { nodes { hubspotCompanyId buyingBehavior { evidence { purchases } } riskFactors { type } componentPreferences { category } } } }',
    )
    const known = data.customers.nodes.filter(
      (c: { hubspotCompanyId: string | null; buyingBehavior: object | null }) =>
        c.hubspotCompanyId && c.buyingBehavior,
    )
    expect(known.length).toBeGreaterThan(0)
    for (const { hubspotCompanyId, riskFactors, componentPreferences } of known.slice(0, 5)) {
      const answer = await rest(hubspotCompanyId)
      expect(answer.status).toBe(200)
      const { companyId, aiInsights } = shape.body.parse(await answer.json()) as {
        companyId: string
        aiInsights: Record<string, object[]>
      }
      expect(companyId).toBe(hubspotCompanyId)
      expect(aiInsights.buyingBehavior).toMatchObject({ orderFrequency: expect.any(String) })
      expect(aiInsights.riskFactors).toHaveLength(riskFactors.length)
      expect(aiInsights.componentPreferences).toHaveLength(componentPreferences.length)
    }
    const unknown = await rest('nobody')
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('costs each subgraph as many statements for fifty customers as for five', async () => {
    const own = (name: Subgraph, from: number) =>
      hub.statements[name].slice(from).filter(
        // Not the looks, each second, for organisations that something is due for.
        (sql) => new RegExp(`\\b${name}\\.`).test(sql) && !sql.includes('recursive orgs'),
      )
    const once = async (first: number): Promise<string[][]> => {
      const from = SUBGRAPHS.map((name) => hub.statements[name].length)
      expect(await customers(first)).toHaveLength(first)
      return SUBGRAPHS.map((name, place) => own(name, from[place]!))
    }
    // Background work looks into the tables now and then: what each of several tries has sent is the query's own.
    const fewest = async (first: number): Promise<Record<Subgraph, number>> => {
      const tries = [await once(first), await once(first), await once(first), await once(first)]
      const inEach = (place: number) =>
        [...new Set(tries[0]![place])].reduce(
          (sum, text) =>
            sum + Math.min(...tries.map((sent) => sent[place]!.filter((each) => each === text).length)),
          0,
        )
      return Object.fromEntries(SUBGRAPHS.map((name, place) => [name, inEach(place)])) as Record<
        Subgraph,
        number
      >
    }
    // What was begun before is over, and what follows from it: none of that work is the query's.
    await until(async () => {
      const { data } = await hub.ask('{ syncRuns(first: 20) { nodes { state } } }')
      const isOver = data.syncRuns.nodes.every(
        ({ state }: { state: string }) => !['QUEUED', 'RUNNING'].includes(state),
      )
      return isOver && (await customers(200)).every(({ health }) => !health?.recomputing)
    })
    const forFive = await fewest(5)
    expect(forFive.customers).toBeGreaterThan(0)
    expect(await fewest(50)).toEqual(forFive)
  })
})

describe('with one subgraph down', () => {
  it('the rest of every customer still answers, and the error names what is missing', async () => {
    await hub.stop('telephony')
    const { data, errors } = await hub.ask(UNIFIED, { first: 20 })
    expect(data.customers.nodes).toHaveLength(20)
    for (const customer of data.customers.nodes as Unified[]) {
      expect(customer.trunks).toBeNull()
      expect(customer.contacts.totalCount).toBeGreaterThanOrEqual(0)
      expect(customer.rfqs).not.toBeNull()
      expect(customer.health).not.toBeNull()
    }
    expect(errors?.[0]).toMatchObject({
      extensions: { code: 'HUB_UNAVAILABLE' },
      message: expect.stringContaining('telephony'),
    })
    const ready = await fetch(`${hub.url}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([
      503,
      expect.objectContaining({ missing: ['telephony does not answer'] }),
    ])
  })
})
