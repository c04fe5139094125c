import { afterAll, beforeAll, expect, it } from 'vitest'
import { takeOwnNews } from '#subgraphs/customers/commands/take-own-news.ts'
import { judgeLeads } from '#subgraphs/customers/domain/lead-deals.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import type { AskedGraph } from '#test/customers/asked-graph.ts'
import { eventsOf, rowsOf } from '#test/customers/rows.ts'
import { ORG, OTHER_ORG } from '#test/kit/customers.ts'
import { defineProperty } from '#test/kit/portal.ts'
import { askSubgraph, principal } from '#test/kit/subgraph.ts'
import { audited, logged, writingGraph, written } from './bed.ts'

const stack = new AsyncDisposableStack()
let graph: AskedGraph
/** Companies in HubSpot that have no deal, one of them promising and one that was. */
let [hot, warm]: [string, string] = ['', '']
beforeAll(async () => {
  graph = stack.use(
    await writingGraph({ companies: 6 }, async (bed) => {
      await defineProperty(bed.portal, 'companies', { name: 'hubspotscore', label: 'Score', type: 'number' })
      // Nobody of the portal's own is promising.
      for (const { id } of await bed.records('companies'))
        await bed.sim('records/companies', { id, properties: { hubspotscore: '10' } })
      const make = async (name: string, hubspotscore: string) => {
        const { results } = await bed.sim<{ results: { id: string }[] }>('records/companies', {
          properties: { name, hubspotscore },
        })
        return results[0]!.id
      }
      hot = await make('Hot Lead', '82')
      warm = await make('Warm Lead', '65')
    }),
  )
})
afterAll(() => stack.disposeAsync())

const set = (values: object) =>
  graph.database.transaction(ORG, (tx) => tx.updateTable('customers.integrations').set(values).execute())
/** Has the hub hear of all its companies once more, as its own log tells them. */
const news = async () => {
  const told = await eventsOf<Parameters<typeof logged<'customers.company.changed'>>[2]>(
    graph,
    'customers.company.changed',
  )
  const events = told.map((payload) => logged('customers.company.changed', payload.companyId, payload))
  await graph.database.transaction(ORG, (tx) =>
    takeOwnNews(changeRecords, () => graph.clock.now())(tx, ORG, events),
  )
}
const score = async (company: string, hubspotscore: string) => {
  await graph.sim('records/companies', { id: company, properties: { hubspotscore } })
  await graph.sync('INCREMENTAL')
  await news()
}
const deals = async () =>
  [...(await rowsOf(graph, 'deals')).values()].filter(({ properties }) =>
    String(properties.dealname).includes('(lead score'),
  )
const PREVIEW = `query ($id: ID!) { previewLeadDeals(integrationId: $id) { __typename
  ... on LeadDealPreview { isOn total leads { hubspotCompanyId score customer { name } } } ... on Refusal { code } } }`
const OPEN = `mutation ($id: ID!) { openLeadDeals(integrationId: $id) { __typename
  ... on LeadDealsOpened { opened } ... on Invalid { field message } ... on Refusal { code } } }`
const preview = async () => (await graph.ask(PREVIEW, { id: graph.integrationId })).previewLeadDeals
const open = async () => (await graph.ask(OPEN, { id: graph.integrationId })).openLeadDeals

it('makes no deal while that is switched off, and shows which ones it would make', async () => {
  await news()
  expect(await deals()).toEqual([])
  expect(await preview()).toEqual({
    __typename: 'LeadDealPreview',
    isOn: false,
    total: 1,
    leads: [{ hubspotCompanyId: hot, score: 82, customer: { name: 'Hot Lead' } }],
  })
  expect(await open()).toMatchObject({ __typename: 'Invalid', field: 'integrationId' })
  expect(await graph.outgoing()).toEqual([])
})

it('opens one deal at 70 and no second one before the score has been below 60, whatever it does in between', async () => {
  await set({ auto_create_deals: true })
  expect(await open()).toMatchObject({ __typename: 'LeadDealsOpened', opened: 1 })
  expect(await open()).toMatchObject({ opened: 0 })
  expect(await audited(graph, 'openLeadDeals')).toHaveLength(2)
  await written(graph)
  const there = (await graph.records('deals')).filter(({ properties }) =>
    properties.dealname?.startsWith('Hot Lead'),
  )
  expect(there.map(({ properties }) => properties)).toMatchObject([
    { dealname: 'Hot Lead (lead score 82)', dealstage: 'appointmentscheduled' },
  ])
  expect((await deals()).map(({ id }) => id)).toEqual([there[0]!.properties.hub_external_key])

  await score(warm, '71')
  expect(await deals()).toHaveLength(2)
  await written(graph)
  // Lost: only the score keeps it from being opened again.
  for (const { external_id } of await deals())
    await graph.sim('records/deals', { id: external_id, properties: { dealstage: 'closedlost' } })
  await score(warm, '63')
  await score(warm, '74')
  expect(await deals()).toHaveLength(2)
  await score(warm, '59')
  await score(warm, '69')
  expect(await deals()).toHaveLength(2)
  await score(warm, '70')
  expect(await deals()).toHaveLength(3)
  await news()
  expect(await deals()).toHaveLength(3)
})

it('is nobody else’s to see or to do', async () => {
  const id = graph.integrationId
  const stranger = await askSubgraph(graph.url, PREVIEW, { id }, principal(OTHER_ORG))
  expect(stranger.data.previewLeadDeals).toMatchObject({ code: 'NOT_FOUND' })
  const other = await askSubgraph(graph.url, OPEN, { id }, principal(OTHER_ORG))
  expect(other.data.openLeadDeals).toMatchObject({ code: 'NOT_FOUND' })
  const reader = await askSubgraph(graph.url, OPEN, { id }, principal(ORG, 'sync:read'))
  expect(reader.errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
})

it('judges a lead by its score, its open deals, and whether its last deal still stands', () => {
  const lead = (value: number | null, hasOpenDeal = false) => ({ id: 'a', score: value, hasOpenDeal })
  const at = (value: number | null, stands: boolean, hasOpenDeal = false) => {
    const { opens, lays } = judgeLeads([lead(value, hasOpenDeal)], () => stands)
    return opens.length > 0 ? 'opens' : lays.length > 0 ? 'lays' : 'stays'
  }
  expect([null, 0, 59, 60, 69.9, 70, 100].map((value) => at(value, false))).toEqual([
    ...['stays', 'stays', 'stays', 'stays', 'stays', 'opens', 'opens'],
  ])
  expect([null, 59.9, 60, 100].map((value) => at(value, true))).toEqual(['lays', 'lays', 'stays', 'stays'])
  expect(at(90, false, true)).toBe('stays')
})
