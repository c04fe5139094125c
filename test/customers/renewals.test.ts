import { afterAll, beforeAll, expect, it } from 'vitest'
import type { EventPayload } from '#schema/events.ts'
import { ORG, OTHER_ORG, type SimRecord } from '#test/kit/customers.ts'
import { callPortal, defineProperty } from '#test/kit/portal.ts'
import { principal } from '#test/kit/subgraph.ts'
import { type AskedGraph, askedGraph } from './asked-graph.ts'
import { eventsOf, rowsOf } from './rows.ts'

const COMPANIES = 60
const DAY_MS = 86_400_000
const stack = new AsyncDisposableStack()
let graph: AskedGraph
/** A pipeline that is about renewals, and its stages by label. */
let pipeline: { id: string; stages: { id: string; label: string }[] }

const STAGES = [
  ['Notice', 'false', '0.3'],
  ['Terms are negotiated', 'false', '0.5'],
  ['Nearly signed', 'false', '0.9'],
  ['At risk', 'false', '0.2'],
  ['Stays', 'true', '1.0'],
  ['Leaves', 'true', '0.0'],
] as const
const MEANS: Readonly<Record<string, string>> = {
  Notice: 'UPCOMING',
  'Terms are negotiated': 'IN_NEGOTIATION',
  'Nearly signed': 'IN_NEGOTIATION',
  'At risk': 'AT_RISK',
  Stays: 'RENEWED',
  Leaves: 'LOST',
}
const stageOf = (label: string) => pipeline.stages.find((stage) => stage.label === label)!.id

beforeAll(async () => {
  graph = stack.use(
    await askedGraph({ companies: COMPANIES }, async (bed) => {
      pipeline = await callPortal(bed.portal, '/crm/v3/pipelines/deals', {
        label: 'Renewals',
        displayOrder: 1,
        stages: STAGES.map(([label, isClosed, probability], displayOrder) => ({
          label,
          displayOrder,
          metadata: { isClosed, probability },
        })),
      })
      await defineProperty(bed.portal, 'deals', {
        name: 'contract_end_date',
        label: 'Contract end',
        type: 'date',
      })
      const companies = await bed.records('companies')
      const day = (n: number) => new Date(bed.clock.now().getTime() + n * DAY_MS).toISOString().slice(0, 10)
      await bed.sim('records/deals', {
        list: STAGES.flatMap(([label], n) =>
          ['USD', 'EUR', null].map((currency, m) => ({
            properties: {
              dealname: `${label} ${m}`,
              pipeline: pipeline.id,
              dealstage: stageOf(label),
              amount: currency ? `${1000 * (n + 1)}.${10 + m}` : null,
              deal_currency_code: currency,
              contract_end_date: m === 2 ? null : day(10 * (n + 1) + m),
              closedate: `${day(200 + n)}T12:00:00.000Z`,
            },
            associate: { to: 'companies', id: companies[n % 3]!.id, primary: true },
          })),
        ),
      })
    }),
  )
})
afterAll(() => stack.disposeAsync())

interface Shown {
  hubspotDealId: string
  renewalStage: string
  renewsAt: string
  isOpen: boolean
  owner: { id: string } | null
  customer: { id: string } | null
  amount: { amount: string; currency: string } | null
}
const RENEWALS = `query ($w: RenewalWindow, $s: RenewalStage, $o: ID, $open: Boolean, $first: Int!, $after: Cursor) {
  renewals(window: $w, stage: $s, ownerId: $o, open: $open, first: $first, after: $after) { totalCount totals { total { amount currency } deals }
    pageInfo { endCursor hasNextPage }
    nodes { hubspotDealId renewalStage renewsAt contractEnd isOpen owner { id } customer { id } amount { amount currency } } } }`

const renewals = async (variables: Record<string, unknown>, size = 7) => {
  const nodes: Shown[] = []
  for (let after: string | null = null; ; ) {
    const page: {
      nodes: Shown[]
      totalCount: number
      totals: { total: { amount: string; currency: string }; deals: number }[]
      pageInfo: { hasNextPage: boolean; endCursor: string }
    } = (await graph.ask(RENEWALS, { ...variables, first: size, after })).renewals
    nodes.push(...page.nodes)
    if (!page.pageInfo.hasNextPage) return { ...page, nodes }
    after = page.pageInfo.endCursor
  }
}

/** What the portal says of its deals: whether one is a renewal, where it stands, and when it is due. */
const expected = async () =>
  (await graph.records('deals')).flatMap(({ id, properties: p }: SimRecord) => {
    const label = pipeline.stages.find((stage) => stage.id === p.dealstage)?.label
    const isRenewal = label !== undefined || p.dealtype === 'existingbusiness'
    const dueAt = p.contract_end_date ? `${p.contract_end_date}T00:00:00.000Z` : p.closedate
    return isRenewal && dueAt ? [{ id, dueAt, stage: label ? MEANS[label] : undefined, p }] : []
  })

it('lists the renewals of a window, soonest first, each once, with a sum for every currency', async () => {
  const all = await expected()
  const from = graph.clock.now().toISOString().slice(0, 10)
  const to = new Date(graph.clock.now().getTime() + 60 * DAY_MS).toISOString().slice(0, 10)
  for (const [w, isIn] of [
    [{ from: '2000-01-01', to: '2100-01-01' }, () => true],
    [{ from, to }, (dueAt: string) => dueAt.slice(0, 10) >= from && dueAt.slice(0, 10) <= to],
  ] as const) {
    const due = all.filter(({ dueAt }) => isIn(dueAt))
    const shown = await renewals({ w })
    expect(due.length).toBeGreaterThan(10)
    expect(shown.nodes.map(({ hubspotDealId }) => hubspotDealId).sort()).toEqual(
      due.map(({ id }) => id).sort(),
    )
    expect(shown.nodes.map(({ renewsAt }) => renewsAt)).toEqual(
      shown.nodes.map(({ renewsAt }) => renewsAt).sort(),
    )
    expect(shown.totalCount).toBe(due.length)
    const sums = Map.groupBy(due, ({ p }) => p.deal_currency_code ?? 'USD')
    expect(
      shown.totals.map(({ total, deals }) => [total.currency, Number(total.amount).toFixed(2), deals]),
    ).toEqual(
      [...sums]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([currency, deals]) => [
          currency,
          deals.reduce((sum, { p }) => sum + Number(p.amount ?? 0), 0).toFixed(2),
          deals.length,
        ]),
    )
  }
  // The coming ninety days, when nobody says.
  const soon = await renewals({})
  const last = new Date(graph.clock.now().getTime() + 91 * DAY_MS).toISOString()
  expect(soon.nodes.every(({ renewsAt }) => renewsAt >= from && renewsAt < last)).toBe(true)
  expect(soon.nodes.length).toBeGreaterThan(5)
})

it('says by each stage’s own words where its renewals stand, and lists by it, by owner and by whether they are open', async () => {
  const w = { from: '2000-01-01', to: '2100-01-01' }
  const all = await expected()
  const { nodes } = await renewals({ w })
  for (const { id, stage } of all.filter((each) => each.stage))
    expect([id, nodes.find(({ hubspotDealId }) => hubspotDealId === id)!.renewalStage]).toEqual([id, stage])
  for (const s of ['UPCOMING', 'IN_NEGOTIATION', 'AT_RISK', 'RENEWED', 'LOST']) {
    const ids = nodes
      .filter(({ renewalStage }) => renewalStage === s)
      .map(({ hubspotDealId }) => hubspotDealId)
    const listed = await renewals({ w, s })
    expect(listed.nodes.map(({ hubspotDealId }) => hubspotDealId)).toEqual(ids)
    expect([listed.totalCount, ids.length > 0]).toEqual([ids.length, true])
  }
  const owner = nodes.find((node) => node.owner)!.owner!.id
  expect((await renewals({ w, o: owner })).nodes).toEqual(nodes.filter((node) => node.owner?.id === owner))
  expect((await renewals({ w, open: true })).nodes).toEqual(nodes.filter(({ isOpen }) => isOpen))
  const { customers } = await graph.ask(
    '{ customers(first: 60) { nodes { deals(first: 50) { nodes { hubspotDealId renewalStage } } } } }',
  )
  const others = customers.nodes
    .flatMap((node: { deals: { nodes: Shown[] } }) => node.deals.nodes)
    .filter(({ hubspotDealId }: Shown) => !all.some(({ id }) => id === hubspotDealId))
  expect(new Set(others.map(({ renewalStage }: Shown) => renewalStage))).toEqual(new Set(['NOT_A_RENEWAL']))
  const other = await graph.ask(RENEWALS, { w, first: 5 }, principal(OTHER_ORG))
  expect(other.renewals).toMatchObject({ nodes: [], totalCount: 0, totals: [] })
})

it('tells with each deal where its renewal stands, as it is shown', async () => {
  const { nodes } = await renewals({ w: { from: '2000-01-01', to: '2100-01-01' } })
  const shown = new Map(nodes.map((node) => [node.hubspotDealId, node.renewalStage]))
  const told = new Map(
    (await eventsOf<EventPayload<'customers.deal.changed'>>(graph, 'customers.deal.changed')).map(
      (deal) => [deal.dealId, deal.renewal] as const,
    ),
  )
  const held = [...(await rowsOf(graph, 'deals'))]
  expect(held.length).toBeGreaterThan(nodes.length)
  for (const [externalId, { id }] of held)
    expect([externalId, told.get(id)]).toEqual([externalId, shown.get(externalId) ?? 'NOT_A_RENEWAL'])
})

const MAP = `{ _entities(representations: [{ __typename: "HubSpotIntegration", id: "ID" }]) { ... on HubSpotIntegration {
  renewalStages { version stages { pipelineId pipelineLabel stageId stageLabel decided suggested isAboutRenewals } } } } }`
const SET = `mutation ($id: ID!, $v: Int!, $stages: [RenewalStageInput!]!) { setRenewalStages(integrationId: $id, expectedVersion: $v, stages: $stages) {
  __typename ... on RenewalStagesSet { receipt { position } integration { renewalStages { version stages { stageId decided } } } }
  ... on Stale { currentVersion } ... on Refusal { code message } } }`

it('lets people decide what a stage says of renewals: checked, counted, written down, and holding at once', async () => {
  const map = async () =>
    (await graph.ask(MAP.replace('"ID"', `"${graph.integrationId}"`)))._entities[0].renewalStages
  const before = await map()
  expect(before.version).toBe(1)
  expect(before.stages).toHaveLength(7 + STAGES.length)
  expect(
    before.stages
      .filter(({ pipelineId }: { pipelineId: string }) => pipelineId === pipeline.id)
      .map((rule: { stageLabel: string; suggested: string; isAboutRenewals: boolean; decided: null }) => [
        rule.stageLabel,
        rule.suggested,
        rule.isAboutRenewals,
        rule.decided,
      ]),
  ).toEqual(STAGES.map(([label]) => [label, MEANS[label], true, null]))
  const set = async (v: number, stages: object[], id = graph.integrationId) =>
    (await graph.ask(SET, { id, v, stages })).setRenewalStages
  const sent = { pipelineId: 'default', stageId: 'contractsent' }
  expect(await set(1, [{ ...sent, stageId: 'nowhere', renewalStage: 'LOST' }])).toMatchObject({
    code: 'INVALID',
  })
  expect(await set(1, [])).toMatchObject({ code: 'INVALID' })
  expect(
    await set(1, [
      { ...sent, renewalStage: 'LOST' },
      { ...sent, renewalStage: 'LOST' },
    ]),
  ).toMatchObject({ code: 'INVALID' })
  expect(
    await set(1, [{ ...sent, renewalStage: 'LOST' }], graph.integrationId.replace(/.$/, 'f')),
  ).toMatchObject({ code: 'NOT_FOUND' })
  expect((await map()).version).toBe(1)

  const done = await set(1, [
    { ...sent, renewalStage: 'AT_RISK' },
    { pipelineId: pipeline.id, stageId: stageOf('Notice'), renewalStage: 'NOT_A_RENEWAL' },
  ])
  expect(done).toMatchObject({
    __typename: 'RenewalStagesSet',
    integration: { renewalStages: { version: 2 } },
  })
  expect(await set(1, [{ ...sent, renewalStage: 'LOST' }])).toMatchObject({
    __typename: 'Stale',
    currentVersion: 2,
  })
  const w = { from: '2000-01-01', to: '2100-01-01' }
  const inSent = (await graph.records('deals')).filter(
    ({ properties }) => properties.dealstage === 'contractsent',
  )
  const shown = await renewals({ w, s: 'AT_RISK' })
  for (const { id, properties } of inSent)
    if (properties.closedate) expect(shown.nodes.map(({ hubspotDealId }) => hubspotDealId)).toContain(id)
  const notices = (await graph.records('deals')).filter(
    ({ properties }) => properties.dealstage === stageOf('Notice'),
  )
  const listed = (await renewals({ w })).nodes.map(({ hubspotDealId }) => hubspotDealId)
  expect(notices.filter(({ id }) => listed.includes(id))).toEqual([])

  // Decided the same: nothing changes. Given back: as before.
  await set(2, [{ ...sent, renewalStage: 'AT_RISK' }])
  expect((await map()).version).toBe(2)
  await set(2, [
    { ...sent, renewalStage: null },
    { pipelineId: pipeline.id, stageId: stageOf('Notice') },
  ])
  expect(await map()).toEqual({ ...before, version: 3 })
  const audits = await graph.database.read(ORG, (tx) =>
    tx
      .selectFrom('service.audit_log' as never)
      .selectAll()
      .where('action' as never, '=', 'setRenewalStages' as never)
      .orderBy('id' as never)
      .execute(),
  )
  expect(audits).toHaveLength(2)
  expect((audits[0] as { diff: unknown }).diff).toMatchObject({ 'default/contractsent': [null, 'AT_RISK'] })
})

it('shows a customer’s open deals with what they are worth and the renewals, in as many statements for sixty as for twenty-five', async () => {
  const query = `query ($first: Int!) { customers(first: $first) { nodes { hubspotCompanyId
    open: deals(open: true, first: 50) { totalCount totals { total { amount currency } deals } nodes { hubspotDealId stageLabel renewalStage } }
    renewals(window: { from: "2000-01-01", to: "2100-01-01" }, first: 50) { totalCount totals { total { amount currency } deals } nodes { hubspotDealId renewsAt } } } } }`
  const few = await graph.counting(query, { first: 25 })
  expect(await graph.counting(query, { first: 60 })).toBe(few)
  expect(few).toBeLessThanOrEqual(10)
  const { customers } = await graph.ask(query, { first: COMPANIES })
  const there = await graph.records('deals', '&associations=companies')
  const closed = new Set(['closedwon', 'closedlost', stageOf('Stays'), stageOf('Leaves')])
  for (const customer of customers.nodes) {
    const open = there.filter(
      ({ properties, associations }) =>
        !closed.has(properties.dealstage!) &&
        associations?.companies?.some(({ id }) => id === customer.hubspotCompanyId),
    )
    expect(customer.open.nodes.map(({ hubspotDealId }: Shown) => hubspotDealId).sort()).toEqual(
      open.map(({ id }) => id).sort(),
    )
    expect(customer.open.totalCount).toBe(open.length)
    const sum = open
      .filter(({ properties: p }) => (p.deal_currency_code ?? 'USD') === 'USD')
      .reduce((all, { properties }) => all + Number(properties.amount ?? 0), 0)
    const usd = customer.open.totals.find(
      ({ total }: { total: { currency: string } }) => total.currency === 'USD',
    )
    expect(Number(usd?.total.amount ?? 0)).toBeCloseTo(sum, 2)
    expect(customer.renewals.totalCount).toBe(customer.renewals.nodes.length)
  }
})
