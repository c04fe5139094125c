import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Rfq, StockRow, Transaction } from '#connectors/c3/index.ts'
import { noteAdviceDue } from '#subgraphs/inventory/store/advice-due.ts'
import { DEMO } from '../kit/subgraph.ts'
import { type AdvisedBed, FIELDS, type Recommended, startAdvisedBed } from './bed.ts'

let hub: AdvisedBed
beforeAll(async () => {
  hub = await startAdvisedBed({ companies: 70 })
  await hub.synced()
  await hub.advised()
})
afterAll(() => hub[Symbol.asyncDispose]())

const ANSWER = `__typename ... on RecommendationDecided { recommendation { ${FIELDS} } } ... on Stale { currentVersion } ... on Invalid { field message } ... on Missing { code }`
const accept = async (id: string, expectedVersion: number) =>
  (
    await hub.ask(
      `mutation ($id: ID!, $v: Int!) { acceptRecommendation(id: $id, expectedVersion: $v) { ${ANSWER} } }`,
      { id, v: expectedVersion },
    )
  ).acceptRecommendation
const reject = async (id: string, expectedVersion: number, reason: string) =>
  (
    await hub.ask(
      `mutation ($id: ID!, $v: Int!, $reason: String!) { rejectRecommendation(id: $id, expectedVersion: $v, reason: $reason) { ${ANSWER} } }`,
      { id, v: expectedVersion, reason },
    )
  ).rejectRecommendation
const reopen = async (id: string, expectedVersion: number) =>
  (
    await hub.ask(
      `mutation ($id: ID!, $v: Int!) { reopenRecommendation(id: $id, expectedVersion: $v) { ${ANSWER} } }`,
      { id, v: expectedVersion },
    )
  ).reopenRecommendation
const proposed = async (
  kind: string,
  where: (each: Recommended) => boolean = () => true,
): Promise<Recommended> => (await hub.recommended({ kinds: [kind], states: ['PROPOSED'] })).find(where)!
const now = async (id: string): Promise<Recommended> =>
  (await hub.ask(`query ($id: ID!) { recommendation(id: $id) { ${FIELDS} } }`, { id })).recommendation
const audited = (id: string) =>
  hub.select<{ action: string; diff: Record<string, unknown> }>(
    sql`select action, diff from service.audit_log where subject_type = 'Recommendation' and subject_id = ${id} order by at, id`,
  )
const c3Rfq = async (each: Recommended): Promise<Rfq> => {
  const [row] = await hub.select<{ c3_rfq_id: string }>(
    sql`select c3_rfq_id from inventory.rfqs where id = ${each.rfq!.id}`,
  )
  return (await hub.records<Rfq>('rfqs')).find(({ rfqId }) => rfqId === row!.c3_rfq_id)!
}
/** What becomes of a request at C3: every line priced, and its status. */
const decide = async (rfq: Rfq, status: Rfq['status'], price: string) =>
  hub.changed('rfqs', {
    rfqId: rfq.rfqId,
    status,
    lines: rfq.lines.map((line) => ({ ...line, unitPrice: price })),
  })

it('keeps who accepted a recommendation, once, and only as it was read', async () => {
  const each = await proposed('STOCK_LEVEL')
  expect(await accept(each.id, each.version + 1)).toEqual({
    __typename: 'Stale',
    currentVersion: each.version,
  })
  const { recommendation } = await accept(each.id, each.version)
  expect(recommendation).toMatchObject({
    state: 'ACCEPTED',
    version: each.version + 1,
    decidedBy: 'user:test',
  })
  expect(await accept(each.id, each.version)).toMatchObject({ __typename: 'Stale' })
  expect(await accept(each.id, each.version + 1)).toMatchObject({ __typename: 'Invalid', field: 'id' })
  expect(await accept('nobody', 1)).toEqual({ __typename: 'Missing', code: 'NOT_FOUND' })
  expect(await audited(each.id)).toEqual([
    { action: 'acceptRecommendation', diff: { state: ['PROPOSED', 'ACCEPTED'] } },
  ])
  const told = await hub.select<{ payload: { state: string } }>(
    sql`select payload from events.recorded where name = 'inventory.recommendation.changed' and key = ${each.id} order by batch, place`,
  )
  expect(told.map(({ payload }) => payload.state)).toEqual(['PROPOSED', 'ACCEPTED'])
})

it('has a part ordered again as an accepted recommendation says, and puts back what stood there when that is taken back', async () => {
  const [first, second] = (await hub.recommended({ kinds: ['STOCK_LEVEL'], states: ['PROPOSED'] })) as [
    Recommended,
    Recommended,
  ]
  const componentId = first.component!.id
  const level = async (id = componentId) => {
    const [row] = await hub.select<{ level: number; order: number | null }>(
      sql`select reorder_point as level, order_quantity as "order" from inventory.stock_levels where component_id = ${id}`,
    )
    return row ? [row.level, row.order] : null
  }
  const set = async (reorderPoint: number | null, orderQuantity: number | null) =>
    (
      await hub.ask(
        'mutation ($id: ID!, $p: Int, $q: Int) { setReorderPoint(componentId: $id, reorderPoint: $p, orderQuantity: $q) { ... on ReorderPointSet { component { reorderPoint orderQuantity } } ... on Invalid { field } } }',
        { id: componentId, p: reorderPoint, q: orderQuantity },
      )
    ).setReorderPoint
  const advised = [first.reorderPoint, first.orderQuantity]
  expect(await set(null, 7)).toEqual({ field: 'orderQuantity' })
  expect(await set(3, 0)).toEqual({ field: 'orderQuantity' })
  expect(await set(3, 70)).toEqual({ component: { reorderPoint: 3, orderQuantity: 70 } })
  await accept(first.id, first.version)
  expect(await level()).toEqual(advised)
  expect(await reopen(first.id, first.version)).toMatchObject({ __typename: 'Stale' })
  const { recommendation } = await reopen(first.id, first.version + 1)
  expect(recommendation).toMatchObject({ state: 'PROPOSED', decidedBy: null, decidedBecause: null })
  expect(await level()).toEqual([3, 70])
  expect(await reopen(first.id, recommendation.version)).toMatchObject({ __typename: 'Invalid', field: 'id' })
  // Not wanted after all is as good as taken back.
  await accept(first.id, recommendation.version)
  expect(await level()).toEqual(advised)
  await reject(first.id, recommendation.version + 1, 'We stop selling it.')
  expect(await level()).toEqual([3, 70])
  expect((await now(first.id)).state).toBe('REJECTED')
  // What somebody has set since holds.
  await reopen(first.id, recommendation.version + 2)
  await accept(first.id, recommendation.version + 3)
  await set(5, null)
  await reopen(first.id, recommendation.version + 4)
  expect(await level()).toEqual([5, null])
  const levels = await hub.select<{ action: string; diff: object }>(
    sql`select action, diff from service.audit_log where subject_type = 'Component' and subject_id = ${componentId} order by at, id`,
  )
  const [from, to] = [
    { reorderPoint: [3, first.reorderPoint], orderQuantity: [70, first.orderQuantity] },
    { reorderPoint: [first.reorderPoint, 3], orderQuantity: [first.orderQuantity, 70] },
  ]
  expect(levels.slice(1, 5)).toEqual([
    { action: 'acceptRecommendation', diff: from },
    { action: 'reopenRecommendation', diff: to },
    { action: 'acceptRecommendation', diff: from },
    { action: 'rejectRecommendation', diff: to },
  ])
  // Where nobody had said anything, nothing is said again.
  await accept(second.id, second.version)
  expect(await level(second.component!.id)).toEqual([second.reorderPoint, second.orderQuantity])
  await reopen(second.id, second.version + 1)
  expect(await level(second.component!.id)).toBeNull()
})

it('puts back what stood before both when two that were accepted one after the other are taken back, in either order', async () => {
  const older = await proposed('STOCK_LEVEL')
  const componentId = older.component!.id
  const level = () =>
    hub.select(
      sql`select reorder_point, order_quantity from inventory.stock_levels where component_id = ${componentId}`,
    )
  const before = await level()
  await accept(older.id, older.version)
  const at = hub.later().toISOString()
  const sale = (await hub.records<Transaction>('transactions')).find(({ kind }) => kind === 'SALE')!
  const { updatedAt: _, ...sold } = sale
  const row = (await hub.records<StockRow>('inventory')).find(
    ({ partNumber }) => partNumber === older.component!.partNumber,
  )!
  const { partNumber, manufacturer } = row
  await hub.changed('transactions', {
    ...{
      ...sold,
      transactionId: 'T-MORE',
      partNumber,
      manufacturer,
      quantity: 90_000,
      rfqId: null,
      line: null,
      at,
    },
  })
  const newer = await proposed('STOCK_LEVEL', ({ component }) => component?.id === componentId)
  expect(newer.reorderPoint).toBeGreaterThan(older.reorderPoint!)
  await accept(newer.id, newer.version)
  // The older one has set nothing that still stands.
  const was = await level()
  expect((await reopen(older.id, (await now(older.id)).version)).recommendation.state).toBe('SUPERSEDED')
  expect(await level()).toEqual(was)
  await reopen(newer.id, newer.version + 1)
  expect(await level()).toEqual(before)
})

it('keeps why one was rejected, and does not propose it again while it follows from the same', async () => {
  const each = await proposed('SUPPLY_RISK', ({ component }) => component !== null)
  expect(await reject(each.id, each.version, ' ')).toMatchObject({ __typename: 'Invalid', field: 'reason' })
  const { recommendation } = await reject(each.id, each.version, 'The maker has told us otherwise.')
  expect(recommendation).toMatchObject({
    state: 'REJECTED',
    decidedBecause: 'The maker has told us otherwise.',
  })
  const stock = await hub.select<{ id: string }>(
    sql`select id from inventory.inventory where component_id = ${each.component!.id}`,
  )
  await hub.database.transaction(DEMO, (tx) =>
    noteAdviceDue(
      tx,
      'inventory',
      stock.map(({ id }) => id),
    ),
  )
  await hub.advised()
  const same = (await hub.recommended()).filter(
    ({ component, risk }) => component?.id === each.component!.id && risk === each.risk,
  )
  expect(same.map(({ id, state }) => [id, state])).toEqual([[each.id, 'REJECTED']])
  expect(await audited(each.id)).toMatchObject([{ action: 'rejectRecommendation' }])
})

it('records at which price the request was quoted, and won', async () => {
  const each = await proposed('PRICING')
  const rfq = await c3Rfq(each)
  const line = rfq.lines.find((one) => one.line === each.line)!
  await accept(each.id, each.version)
  await decide(rfq, 'QUOTED', '7.2500')
  expect((await now(each.id)).outcome).toEqual({
    ...{ result: 'QUOTED', quantity: line.quantity },
    price: { amount: '7.25', currency: rfq.currency },
  })
  const { updatedAt: _, ...sale } = (await hub.records<Transaction>('transactions'))[0]!
  await hub.sim(
    'records/transactions',
    {
      ...{
        ...sale,
        transactionId: 'T-SOLD',
        kind: 'SALE',
        rfqId: rfq.rfqId,
        line: each.line,
        currency: rfq.currency,
      },
      ...{ partNumber: each.partNumber, quantity: line.quantity, unitPrice: '7.1000', at: sale.at },
    },
    'POST',
  )
  await decide(rfq, 'ORDERED', '7.2500')
  const won = await now(each.id)
  expect(won.outcome).toEqual({
    ...{ result: 'WON', quantity: line.quantity },
    price: { amount: '7.1', currency: rfq.currency },
  })
  expect(won.state).toBe('ACCEPTED')
})

it('records at which price a request was lost, and lets what was proposed for it expire', async () => {
  const each = await proposed('ALTERNATIVE')
  const own = (await hub.recommended({ states: ['PROPOSED'] })).filter(({ rfq }) => rfq?.id === each.rfq!.id)
  const rfq = await c3Rfq(each)
  await decide(rfq, 'LOST', '9.9900')
  for (const { id, kind } of own) {
    const ended = await now(id)
    expect(ended.state).toBe('EXPIRED')
    expect(ended.outcome?.result).toBe(kind === 'PRICING' ? 'LOST' : 'NOT_TAKEN')
    if (kind === 'PRICING') expect(ended.outcome?.price).toEqual({ amount: '9.99', currency: rfq.currency })
  }
})

it('records what was bought after it was recommended, and not what was bought before', async () => {
  const each = await proposed('STOCK_LEVEL')
  expect(each.outcome).toBeNull()
  const row = (await hub.records<StockRow>('inventory')).find(
    ({ partNumber }) => partNumber === each.component!.partNumber,
  )!
  const { updatedAt: _, ...bought } = (await hub.records<Transaction>('transactions')).find(
    ({ kind }) => kind === 'PURCHASE',
  )!
  const { partNumber, manufacturer } = row
  await hub.changed('transactions', {
    ...{ ...bought, transactionId: 'T-BOUGHT', partNumber, manufacturer, quantity: 321, unitPrice: '1.5000' },
    at: new Date(hub.later()).toISOString(),
  })
  expect((await now(each.id)).outcome).toEqual({
    ...{ result: 'ORDERED', quantity: 321 },
    price: { amount: '1.5', currency: bought.currency },
  })
})
