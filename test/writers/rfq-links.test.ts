import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LoggedEvent } from '#events/log.ts'
import type { EventPayload } from '#schema/events.ts'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { takeOwnNews } from '#subgraphs/customers/commands/take-own-news.ts'
import { takeRfqs } from '#subgraphs/customers/commands/take-rfqs.ts'
import { fieldsOfRfqs, mentionsIn } from '#subgraphs/customers/domain/rfqs.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import type { AskedGraph } from '#test/customers/asked-graph.ts'
import { eventsOf, rowsOf } from '#test/customers/rows.ts'
import { ORG, OTHER_ORG } from '#test/kit/customers.ts'
import { defineProperty } from '#test/kit/portal.ts'
import { askSubgraph, principal } from '#test/kit/subgraph.ts'
import { audited, logged, sent, writingGraph, written } from './bed.ts'

const UPDATE = 'POST /crm/v3/objects/deals/batch/update'
const stack = new AsyncDisposableStack()
let graph: AskedGraph
/** Deals in HubSpot: the only one of a customer, and both of another. */
let [only, one, other]: [string, string, string] = ['', '', '']
const made = async (type: string, properties: Record<string, string>): Promise<string> =>
  (await graph.sim<{ results: { id: string }[] }>(`records/${type}`, { properties })).results[0]!.id
const deal = async (dealname: string, company: string): Promise<string> => {
  const id = await made('deals', { dealname, pipeline: 'default', dealstage: 'appointmentscheduled' })
  await graph.sim('records/deals', { id, associate: { to: 'companies', id: company, primary: true } })
  return id
}
beforeAll(async () => {
  graph = stack.use(
    await writingGraph({ companies: 2 }, async (bed) => {
      graph = bed as AskedGraph
      await defineProperty(bed.portal, 'deals', { name: 'our_rfqs', label: 'Our RFQs' })
      const lone = await made('companies', { name: 'Lone', domain: 'lone-prices.example' })
      const busy = await made('companies', { name: 'Busy', domain: 'busy-prices.example' })
      only = await deal('Only', lone)
      one = await deal('One', busy)
      other = await deal('Other', busy)
    }),
  )
  await graph.database.transaction(ORG, (tx) =>
    takeAccounts(tx, ORG, [account('lone'), account('busy')], graph.clock.now()),
  )
  await news()
  await sent(graph)
})
afterAll(() => stack.disposeAsync())

const DAY = (n: number) => `2026-11-${String(n).padStart(2, '0')}T08:00:00.000Z`
const idOf = (n: number) => `0197c8a4-3f00-8a11-9c00-${String(n).padStart(12, '0')}`
const account = (accountId: string) =>
  logged('inventory.account.changed', accountId, {
    ...{ accountId, integrationId: 'c3', name: accountId, domain: `${accountId}-prices.example` },
    ...{ observedAt: DAY(1), deleted: false },
  })
/** A request of a day of November: the later, the newer. */
const rfq = (
  n: number,
  accountId: string,
  day: number,
  more: Partial<EventPayload<'inventory.rfq.changed'>> = {},
): LoggedEvent =>
  logged('inventory.rfq.changed', idOf(n), {
    ...{ rfqId: idOf(n), accountId, number: `RFQ-${n}`, c3RfqId: `c3-${n}`, status: 'OPEN' as const },
    ...{ previousStatus: null, total: { amount: `${n}00.1250`, currency: 'USD' } },
    ...{ createdAt: DAY(n), observedAt: DAY(day), deleted: false },
    ...more,
  })
const take = (...events: LoggedEvent[]) =>
  graph.database.transaction(ORG, (tx) => takeRfqs(tx, changeRecords, ORG, events, graph.clock.now()))
let heard = 0
/** Has the hub hear what is new in its own log. */
const news = async (...more: LoggedEvent[]) => {
  const told = await eventsOf<EventPayload<'customers.deal.changed'>>(graph, 'customers.deal.changed')
  const fresh = told.slice(heard).map((payload) => logged('customers.deal.changed', payload.dealId, payload))
  heard = told.length
  await graph.database.transaction(ORG, (tx) =>
    takeOwnNews(changeRecords, () => graph.clock.now())(tx, ORG, [...fresh, ...more]),
  )
}
const type = async (id: string, properties: Record<string, string>) => {
  await graph.sim('records/deals', { id, properties })
  await graph.sync('INCREMENTAL')
  await news()
}
/** What a deal says of its requests, there and here; nothing waits. */
const says = async (id: string) => {
  await written(graph)
  const there = (await graph.records('deals')).find((record) => record.id === id)!.properties
  const here = (await rowsOf(graph, 'deals')).get(id)!.properties
  const names = ['rfq_number', 'c3_rfq_id', 'c3_rfq_status', 'c3_rfq_value', 'c3_rfq_currency']
  const [a, b] = [there, here].map((each) => names.map((name) => each[name] || null))
  expect(a).toEqual(b)
  return a
}
const local = async (id: string) => (await rowsOf(graph, 'deals')).get(id)!.id
const set = (values: object) =>
  graph.database.transaction(ORG, (tx) => tx.updateTable('customers.integrations').set(values).execute())

const RFQS = `query ($id: ID!, $status: RfqStatus, $first: Int! = 20, $after: Cursor) { deal(id: $id) {
  rfqs(status: $status, first: $first, after: $after) { nodes { id } edges { linkedBy } totalCount pageInfo { hasNextPage endCursor } } } }`
const rfqs = async (id: string, more: object = {}) =>
  (await graph.ask(RFQS, { id: await local(id), ...more })).deal.rfqs
const DEALS = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Rfq {
  deals { nodes { id } totalCount } open: deals(open: false) { nodes { id } } proposedDeal { id } } } }`
const dealsOf = async (...ns: number[]) =>
  (await graph.ask(DEALS, { of: ns.map((n) => ({ __typename: 'Rfq', id: idOf(n) })) }))._entities
const LINK = `mutation ($rfqId: ID!, $dealId: ID!) { linkRfqToDeal(rfqId: $rfqId, dealId: $dealId) { __typename
  ... on RfqLinked { isNew deal { id } rfq { id } } ... on Refusal { code message } } }`
const UNLINK = `mutation ($rfqId: ID!, $dealId: ID!) { unlinkRfqFromDeal(rfqId: $rfqId, dealId: $dealId) { __typename
  ... on RfqUnlinked { wasLinked deal { id } } ... on Refusal { code message } } }`
const link = async (n: number, id: string) =>
  (await graph.ask(LINK, { rfqId: idOf(n), dealId: await local(id) })).linkRfqToDeal
const unlink = async (n: number, id: string) =>
  (await graph.ask(UNLINK, { rfqId: idOf(n), dealId: await local(id) })).unlinkRfqFromDeal

it('links what a deal’s record mentions, whichever comes first, and says there how it stands, in one write for all that came', async () => {
  // Of a request nobody knows yet, of one that never comes, and somebody's remark.
  await type(one, { rfq_number: 'rfq-2, RFQ-999; ask Jane' })
  expect(await rfqs(one)).toMatchObject({ nodes: [], totalCount: 0 })
  await sent(graph)
  await take(
    rfq(2, 'lone', 2),
    rfq(2, 'lone', 4, { status: 'QUOTED', previousStatus: 'OPEN' }),
    // Came late.
    rfq(2, 'lone', 3, { status: 'EXPIRED', total: null }),
  )
  expect(await says(one)).toEqual(['RFQ-2, RFQ-999', 'c3-2', 'quoted', '200.125', 'USD'])
  expect((await sent(graph)).filter((each) => each === UPDATE)).toHaveLength(1)
  expect(await rfqs(one)).toMatchObject({ nodes: [{ id: idOf(2) }], edges: [{ linkedBy: 'PROPERTY' }] })
  // Told again, and told of an earlier moment.
  await take(rfq(2, 'lone', 4, { status: 'QUOTED' }), rfq(2, 'lone', 3, { status: 'LOST' }))
  await take(rfq(2, 'lone', 3, { status: 'LOST' }))
  await graph.sync('INCREMENTAL')
  await news()
  expect(await graph.outgoing()).toEqual([])
  // The other way round, and by C3's id; the newest of them says where they stand.
  await take(rfq(3, 'busy', 3, { status: 'WON', total: { amount: '0.3', currency: 'USD' } }))
  await type(one, { c3_rfq_id: 'c3-2, C3-3' })
  expect(await says(one)).toEqual(['RFQ-3, RFQ-2, RFQ-999', 'c3-3, c3-2', 'won', '200.425', 'USD'])
  // What is taken away there is taken away here; what the other property says of it goes too.
  await type(one, { rfq_number: 'RFQ-3' })
  expect(await says(one)).toEqual(['RFQ-3', 'c3-3', 'won', '0.3', 'USD'])
  expect(await dealsOf(2, 3)).toMatchObject([
    { deals: { nodes: [], totalCount: 0 } },
    { deals: { nodes: [{ id: await local(one) }], totalCount: 1 } },
  ])
})

it('lists the requests of a deal by state and page, and the deals of many requests in one statement', async () => {
  await take(rfq(4, 'busy', 4, { status: 'LOST' }), rfq(5, 'busy', 5))
  for (const n of [4, 5]) await link(n, one)
  const first = await rfqs(one, { first: 2 })
  expect(first).toMatchObject({ nodes: [{ id: idOf(5) }, { id: idOf(4) }], totalCount: 3 })
  const rest = await rfqs(one, { first: 2, after: first.pageInfo.endCursor })
  expect(rest).toMatchObject({ nodes: [{ id: idOf(3) }], pageInfo: { hasNextPage: false } })
  expect(await rfqs(one, { status: 'LOST' })).toMatchObject({ nodes: [{ id: idOf(4) }], totalCount: 1 })
  expect(await dealsOf(5)).toMatchObject([{ deals: { totalCount: 1 }, open: { nodes: [] } }])
  const counted = (count: number) =>
    graph.counting(DEALS, {
      of: Array.from({ length: count }, (_, n) => ({ __typename: 'Rfq', id: idOf(n + 1) })),
    })
  expect(await counted(50)).toBe(await counted(2))
  for (const n of [4, 5]) await unlink(n, one)
  expect(await says(one)).toEqual(['RFQ-3', 'c3-3', 'won', '0.3', 'USD'])
})

it('links and takes away as somebody says, leaves it in the audit, and keeps what was taken away from coming back by itself', async () => {
  await take(rfq(6, 'busy', 6))
  expect(await link(6, other)).toMatchObject({ isNew: true, deal: { id: await local(other) } })
  expect(await link(6, other)).toMatchObject({ isNew: false })
  expect(await says(other)).toEqual(['RFQ-6', 'c3-6', 'open', '600.125', 'USD'])
  await news()
  expect(await rfqs(other)).toMatchObject({ nodes: [{ id: idOf(6) }], edges: [{ linkedBy: 'MANUAL' }] })
  expect(await unlink(6, other)).toMatchObject({ wasLinked: true })
  expect(await unlink(6, other)).toMatchObject({ wasLinked: false })
  expect(await says(other)).toEqual([null, null, null, null, null])
  await take(rfq(6, 'busy', 7, { status: 'QUOTED' }))
  await news()
  expect(await rfqs(other)).toMatchObject({ nodes: [] })
  // Somebody writes it there.
  await type(other, { rfq_number: 'RFQ-6' })
  expect(await says(other)).toEqual(['RFQ-6', 'c3-6', 'quoted', '600.125', 'USD'])
  const deeds = [await audited(graph, 'linkRfqToDeal'), await audited(graph, 'unlinkRfqFromDeal')]
  expect(deeds.map(({ length }) => length)).toEqual([3, 3])
  await unlink(6, other)
})

it('proposes the only open deal of a request’s customer, and links it where that is switched on', async () => {
  await take(rfq(7, 'lone', 7), rfq(8, 'busy', 8), rfq(9, 'lone', 9, { status: 'LOST' }))
  const on = (status: 'ACTIVE' = 'ACTIVE') =>
    news(
      logged('customers.integration.changed', graph.integrationId, {
        ...{
          integrationId: graph.integrationId,
          name: 'HubSpot',
          system: 'HUBSPOT',
          status,
          lastSyncAt: null,
        },
      }),
    )
  await on()
  const proposed = async () =>
    (await dealsOf(7, 8, 9)).map((each: { proposedDeal: object | null }) => each.proposedDeal)
  expect(await proposed()).toEqual([{ id: await local(only) }, null, null])
  expect(await rfqs(only)).toMatchObject({ nodes: [] })
  await set({ auto_link_rfqs: true })
  await on()
  // The second request was taken away from another deal: it fits here all the same.
  expect(await rfqs(only)).toMatchObject({
    nodes: [{ id: idOf(7) }, { id: idOf(2) }],
    edges: [{ linkedBy: 'AUTO' }, {}],
  })
  expect(await says(only)).toEqual(['RFQ-7, RFQ-2', 'c3-7, c3-2', 'open', '900.25', 'USD'])
  expect(await proposed()).toEqual([null, null, null])
  // It was taken away: nothing else fits.
  await unlink(7, only)
  await take(rfq(7, 'lone', 8))
  await on()
  expect(await rfqs(only)).toMatchObject({ nodes: [{ id: idOf(2) }] })
  // A customer that had two open deals has one.
  await type(other, { dealstage: 'closedlost' })
  expect((await rfqs(one)).nodes).toEqual([8, 6, 3].map((n) => ({ id: idOf(n) })))
  await take(rfq(10, 'busy', 10, { total: { amount: '1', currency: 'EUR' } }))
  // Two currencies have no sum.
  expect((await says(one))!.slice(2)).toEqual(['open', null, null])
  await set({ auto_link_rfqs: false })
})

it('says nothing of a request that C3 has deleted, and says it again when it is back', async () => {
  const before = await says(only)
  await take(rfq(2, 'lone', 20, { deleted: true, number: null, c3RfqId: null }))
  expect(await says(only)).toEqual([null, null, null, null, null])
  expect(await rfqs(only)).toMatchObject({ nodes: [], totalCount: 0 })
  expect(await link(2, only)).toMatchObject({ code: 'NOT_FOUND' })
  await take(rfq(2, 'lone', 21, { status: 'QUOTED' }))
  expect(await says(only)).toEqual(before!.with(2, 'quoted'))
})

it('keeps what belongs to a deal when it is merged into another, and tells of none that is gone', async () => {
  await take(rfq(12, 'busy', 12, { status: 'LOST' }))
  await type(other, { rfq_number: 'RFQ-12' })
  await graph.sim('records/deals', { id: one, merge: other })
  await graph.sync('INCREMENTAL')
  await news()
  const live = [...(await rowsOf(graph, 'deals')).values()].filter(({ gone_at }) => gone_at === null)
  const left = live.find(({ properties }) => properties.dealname === 'One')!
  const list = (await graph.ask(RFQS, { id: left.id })).deal.rfqs
  expect(list.nodes.map(({ id }: { id: string }) => id)).toContain(idOf(12))
  expect(await dealsOf(12)).toMatchObject([{ deals: { nodes: [{ id: left.id }], totalCount: 1 } }])
  await written(graph)
  const there = (await graph.records('deals')).find(({ id }) => id === left.external_id)!.properties
  expect(there.rfq_number).toContain('RFQ-12')

  await graph.sim('records/deals', { id: left.external_id, archive: true })
  await graph.sync('RECONCILE')
  await news()
  expect(await dealsOf(12)).toMatchObject([{ deals: { nodes: [], totalCount: 0 } }])
  await take(rfq(12, 'busy', 28, { status: 'WON' }))
  expect(await graph.outgoing()).toEqual([])
})

it('keeps links of a portal that is only read, writes nothing there, and loses none when its deals change', async () => {
  await set({ direction: 'IN' })
  await take(rfq(11, 'lone', 11))
  expect(await link(11, only)).toMatchObject({ isNew: true })
  expect(await graph.outgoing()).toEqual([])
  await type(only, { dealname: 'Only one' })
  expect((await rfqs(only)).nodes).toContainEqual({ id: idOf(11) })
  // Its record goes on saying so, and nobody has written that anew.
  await unlink(2, only)
  await type(only, { dealname: 'Only this one' })
  expect((await rfqs(only)).nodes).not.toContainEqual({ id: idOf(2) })
  await set({ direction: 'BIDIRECTIONAL' })
})

it('takes a number that several requests go by for that of the deal’s own customer', async () => {
  const named = (n: number, accountId: string) => rfq(n, accountId, n, { number: 'Q/2026', status: 'LOST' })
  await unlink(11, only)
  await take(named(13, 'lone'), named(14, 'busy'))
  await type(only, { rfq_number: 'q/2026' })
  expect((await rfqs(only)).nodes).toEqual([{ id: idOf(13) }])
  // Two of its own: nobody can tell which.
  await take(named(15, 'lone'))
  await type(only, { rfq_number: '' })
  await type(only, { rfq_number: 'Q/2026' })
  expect((await rfqs(only)).nodes).toEqual([])
})

it('goes by the property that a portal has mapped, and takes nothing away because of that', async () => {
  await type(only, { rfq_number: 'RFQ-4' })
  expect((await rfqs(only)).nodes).toEqual([{ id: idOf(4) }])
  const save = `mutation ($id: ID!) { saveMapping(integrationId: $id, objectType: DEALS, expectedVersion: 1, changes: [
    { field: "rfqNumber", properties: ["our_rfqs"], direction: BOTH }]) { __typename } }`
  const saved = await graph.ask(save, { id: graph.integrationId })
  expect(saved.saveMapping).toEqual({ __typename: 'MappingSaved' })
  await type(only, { dealname: 'Only, mapped' })
  expect((await rfqs(only)).nodes).toEqual([{ id: idOf(4) }])
  await type(only, { our_rfqs: 'RFQ-5' })
  expect((await rfqs(only)).nodes).toEqual([{ id: idOf(5) }, { id: idOf(4) }])
  await written(graph)
  const there = (await graph.records('deals')).find(({ id }) => id === only)!.properties
  expect([there.our_rfqs, there.rfq_number]).toEqual(['RFQ-5, RFQ-4', 'RFQ-4'])
  await type(only, { our_rfqs: '' })
  expect((await rfqs(only)).nodes).toEqual([])
})

it('is nobody else’s to see or to do, and nobody else’s requests are linked', async () => {
  const ask = { rfqId: idOf(11), dealId: await local(only) }
  for (const [query, field] of [
    [LINK, 'linkRfqToDeal'],
    [UNLINK, 'unlinkRfqFromDeal'],
  ] as const) {
    const stranger = await askSubgraph(graph.url, query, ask, principal(OTHER_ORG))
    expect(stranger.data[field]).toMatchObject({ code: 'NOT_FOUND' })
    const reader = await askSubgraph(
      graph.url,
      query,
      ask,
      principal(ORG, 'customers:read', 'inventory:read'),
    )
    expect(reader.errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
    expect((await graph.ask(query, { ...ask, rfqId: 'nobody' }))[field]).toMatchObject({ code: 'NOT_FOUND' })
    expect((await graph.ask(query, { ...ask, dealId: idOf(99) }))[field]).toMatchObject({ code: 'NOT_FOUND' })
  }
  const of = [{ __typename: 'Rfq', id: idOf(11) }]
  const seen = await askSubgraph(graph.url, DEALS, { of }, principal(OTHER_ORG))
  expect(seen.data._entities).toMatchObject([{ deals: { nodes: [], totalCount: 0 }, proposedDeal: null }])
  // Another organisation's request goes by a number that stands in a deal of ours.
  await type(only, { our_rfqs: 'RFQ-11, RFQ-2, RFQ-500' })
  await graph.database.transaction(OTHER_ORG, (tx) =>
    takeRfqs(tx, changeRecords, OTHER_ORG, [rfq(500, 'lone', 12, { createdAt: DAY(12) })], graph.clock.now()),
  )
  expect(await dealsOf(500)).toMatchObject([{ deals: { totalCount: 0 } }])
})

it('takes five hundred requests in as many statements as one, and many deals that mention one in as many as one deal', async () => {
  const counting = async (work: () => Promise<void>) => {
    const before = graph.database.statements
    await work()
    return graph.database.statements - before
  }
  const cost = (from: number, count: number) => {
    const ns = Array.from({ length: count }, (_, n) => from + n)
    return counting(() => take(...ns.map((n) => rfq(n, 'lone', 12, { createdAt: DAY(12) }))))
  }
  expect(await cost(2000, 500)).toBe(await cost(1000, 1))
  const made = Array.from({ length: 61 }, (_, n) => idOf(5000 + n))
  const values = { dealname: 'Many', pipeline: 'default', dealstage: 'appointmentscheduled' }
  await graph.change('deals', { creates: made.map((localId) => ({ localId, values })) })
  await news()
  const mention = async (ids: readonly string[], our_rfqs: string) => {
    await graph.change('deals', { updates: ids.map((localId) => ({ localId, values: { our_rfqs } })) })
    return await counting(() => news())
  }
  const [few, many] = [await mention(made.slice(0, 1), 'RFQ-1000'), await mention(made.slice(1), 'RFQ-2001')]
  expect(many).toBe(few)
  expect(await dealsOf(1000, 2001)).toMatchObject([
    { deals: { totalCount: 1 } },
    { deals: { totalCount: 60 } },
  ])
})

it('reads numbers and ids out of what people write, and adds up exactly', () => {
  const names = (text: string | null) => mentionsIn('NUMBER', text).map(({ name }) => name)
  expect(names(' rfq-1,RFQ-1; 2026/17\nask Jane, #9 ')).toEqual(['RFQ-1', '2026/17', '#9'])
  expect([names(null), names(''), names('no number here'), names('9'.repeat(51))]).toEqual([[], [], [], []])
  const at = (total: string | null, currency: string | null = 'USD') => ({
    ...{ number: 'RFQ-1', c3RfqId: null, status: 'OPEN' as const, total, currency },
  })
  const value = (...all: ReturnType<typeof at>[]) => fieldsOfRfqs(all, []).properties.c3_rfq_value
  expect(value(at('0.1'), at('0.2'), at(null, null))).toBe('0.3')
  expect([value(), value(at(null)), value(at('1'), at('1', 'EUR'))]).toEqual([null, null, null])
})
