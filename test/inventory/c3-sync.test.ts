import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Kinds } from '#connectors/c3/index.ts'
import { DEMO_API_KEY } from '#connectors/c3/simulator/index.ts'
import { systemClock } from '#kernel/clock.ts'
import { askSubgraph, DEMO, EMPTY, principal } from '../kit/subgraph.ts'
import { until } from '../kit/until.ts'
import { type InventoryBed, startInventoryBed } from './bed.ts'

let hub: InventoryBed
beforeAll(async () => {
  hub = await startInventoryBed()
  await hub.synced()
})
afterAll(() => hub?.[Symbol.asyncDispose]())

it('brings over everything C3 has on the first start, and seals the key it was given', async () => {
  const stock = await hub.records('inventory')
  const rfqs = await hub.records('rfqs')
  const { data } = await askSubgraph(
    hub.inventory.url,
    '{ stock(first: 1) { totalCount nodes { partNumber syncStatus costPerUnit { amount currency } } } rfqs(first: 1) { totalCount nodes { number status account { name c3CustomerId } lineCount } } }',
  )
  expect(data.stock.totalCount).toBe(stock.length)
  expect(data.rfqs.totalCount).toBe(rfqs.length)
  const rfq = rfqs.find((r) => r.rfqNumber === data.rfqs.nodes[0].number)!
  expect(data.rfqs.nodes[0].account.c3CustomerId).toBe(rfq.customerId)
  const [kept] = await hub.database.read(DEMO, (tx) =>
    tx.selectFrom('inventory.integrations').select('api_key').execute(),
  )
  expect(kept!.api_key).not.toContain(DEMO_API_KEY)
  const others = await askSubgraph(
    hub.inventory.url,
    '{ stock { totalCount } rfqs { nodes { id } } }',
    {},
    principal(EMPTY),
  )
  expect(others.data).toEqual({ stock: { totalCount: 0 }, rfqs: { nodes: [] } })
})

it('takes over what changed, and only that, and what was deleted', async () => {
  const [one, two] = await hub.records('inventory')
  await hub.sim('records/inventory', { stockId: one!.stockId, quantityAvailable: 4321 })
  await hub.sim('records/inventory', { stockId: two!.stockId, deleted: true })
  const run = await hub.sync('INCREMENTAL')
  const kept = await hub.database.read(DEMO, (tx) =>
    tx
      .selectFrom('inventory.inventory')
      .select(['c3_stock_id', 'quantity_available', 'deleted_at'])
      .where('c3_stock_id', 'in', [String(one!.stockId), String(two!.stockId)])
      .execute(),
  )
  const of = (stockId: unknown) => kept.find((row) => row.c3_stock_id === stockId)!
  expect(of(one!.stockId).quantity_available).toBe(4321)
  expect(of(two!.stockId).deleted_at).not.toBeNull()
  expect(await hub.progress(run, 'inventory')).toEqual({ updated: 1, deleted: 1, created: 0 })
  // And reads no more than that: of each kind what changed in its last minute, however much C3 has.
  expect(await hub.read(run)).toBeLessThan(20)
})

it('tells of a request that is gone as it stood when it went', async () => {
  const rfq = (await hub.records<Kinds['rfqs']>('rfqs')).find(({ status }) => status === 'ORDERED')!
  const [held] = await hub.database.read(DEMO, (tx) =>
    tx.selectFrom('inventory.rfqs').selectAll().where('c3_rfq_id', '=', rfq.rfqId).execute(),
  )
  await hub.sim('records/rfqs', { rfqId: rfq.rfqId, deleted: true })
  await hub.sync('INCREMENTAL')
  const { rows } = await hub.database.read(DEMO, (tx) =>
    sql<{ payload: object }>`select payload from events.recorded
      where name = 'inventory.rfq.changed' and (payload->>'deleted')::boolean`.execute(tx),
  )
  expect(rows.map(({ payload }) => payload)).toEqual([
    expect.objectContaining({
      ...{ rfqId: held!.id, accountId: held!.account_id, number: rfq.rfqNumber, c3RfqId: rfq.rfqId },
      ...{ status: 'WON', createdAt: rfq.createdAt },
    }),
  ])
})

it('loses no deletion of what was listed already, though a later change was listed too', async () => {
  const rows = (await hub.records<Kinds['inventory']>('inventory')).filter(({ deleted }) => !deleted)
  // As they are listed.
  rows.sort((a, b) => Date.parse(a.updatedAt) - Date.parse(b.updatedAt))
  const [first, last] = [rows[0]!, rows.at(-1)!]
  await hub.sim('journal', undefined, 'DELETE')
  await hub.sim('faults', {
    path: '/c3/inventory',
    skip: 1,
    times: 1,
    play: { do: 'hold' },
  })
  const listing = hub.sync('FULL')
  const pages = () => hub.sim<{ entries: unknown[] }>('journal?path=inventory')
  await until(async () => (await pages()).entries.length === 2)
  const inMinutes = (minutes: number) =>
    new Date(systemClock.now().getTime() + minutes * 60_000).toISOString()
  await hub.sim('records/inventory', { stockId: first.stockId, deleted: true, updatedAt: inMinutes(2) })
  await hub.sim('records/inventory', {
    stockId: last.stockId,
    quantityAvailable: 7,
    updatedAt: inMinutes(9),
  })
  await hub.sim('faults', undefined, 'DELETE')
  expect(await hub.progress(await listing, 'inventory')).toMatchObject({ updated: 1, deleted: 0 })
  expect(await hub.progress(await hub.sync('INCREMENTAL'), 'inventory')).toMatchObject({ deleted: 1 })
})
