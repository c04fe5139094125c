import Big from 'big.js'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { StockRow, Transaction } from '#connectors/c3/index.ts'
import { readSnapshot } from '#events/feed-client.ts'
import { systemClock } from '#kernel/clock.ts'
import { idFrom } from '#kernel/ids.ts'
import { principalSeal } from '#kernel/principal.ts'
import type { EventPayload } from '#schema/events.ts'
import { DEMO, EMPTY, SHARED_SECRET } from '../kit/subgraph.ts'
import { type InventoryBed, startInventoryBed } from './bed.ts'

type Order = EventPayload<'inventory.order.changed'>

let hub: InventoryBed
beforeAll(async () => {
  hub = await startInventoryBed({ companies: 20 })
  await hub.synced()
})
afterAll(() => hub[Symbol.asyncDispose]())

/** What was told of orders, the oldest first. */
const told = async (orgId = DEMO): Promise<Order[]> => {
  const { rows } = await hub.database.read(orgId, (tx) =>
    sql<{
      payload: Order
    }>`select payload from events.recorded where name = 'inventory.order.changed' order by batch, place`.execute(
      tx,
    ),
  )
  return rows.map(({ payload }) => payload)
}
const latest = (orders: readonly Order[]) => new Map(orders.map((order) => [order.orderId, order]))

/** What customers bought and gave back, as C3 itself says it: by account, day and kind, added up by hand. */
const truth = async () => {
  const parts = new Map((await hub.records<StockRow>('inventory')).map((row) => [row.partNumber, row]))
  const trade = (await hub.records<Transaction>('transactions')).filter(
    ({ deleted, customerId, kind }) => !deleted && customerId !== null && kind !== 'PURCHASE',
  )
  const keyOf = ({ customerId, at, currency, kind }: Transaction) =>
    [idFrom(DEMO, hub.integrationId, 'customers', customerId!), at.slice(0, 10), currency, kind].join(':')
  return new Map(
    [...Map.groupBy(trade, keyOf)].map(([key, lines]) => {
      const worth = lines.reduce(
        (sum, { quantity, unitPrice }) => sum.plus(new Big(unitPrice).times(quantity)),
        new Big(0),
      )
      const categories = lines.map(({ partNumber }) => parts.get(partNumber)?.category ?? null)
      return [key, { worth: worth.toFixed(4), categories: [...new Set(categories)].sort() }] as const
    }),
  )
}
const shownAsTruth = (orders: Iterable<Order>) =>
  new Map(
    [...orders].map(({ orderId, total, lines }) => [
      orderId,
      {
        worth: new Big(total!.amount).toFixed(4),
        categories: [...new Set(lines.map(({ category }) => category))].sort(),
      },
    ]),
  )

it('tells what each account bought on a day and what it gave back, part by part, to the last digit', async () => {
  const orders = latest(await told())
  expect(shownAsTruth(orders.values())).toEqual(await truth())
  expect(orders.size).toBeGreaterThan(50)
  expect(new Set([...orders.values()].map(({ kind }) => kind))).toEqual(new Set(['SALE', 'RETURN']))
  for (const { total, lines } of orders.values()) {
    const sum = lines.reduce((all, { amount }) => all.plus(amount), new Big(0))
    expect(sum.toFixed(4)).toBe(new Big(total!.amount).toFixed(4))
  }
  expect(await told(EMPTY)).toEqual([])
})

it('tells of no order that is as it was, however often its lines are read', async () => {
  const before = (await told()).length
  await hub.sync('FULL')
  expect((await told()).length).toBe(before)
})

it('tells of both days when a line moves from one to another, and that an order is gone with its last line', async () => {
  const sales = (await hub.records<Transaction>('transactions')).filter(({ kind }) => kind === 'SALE')
  const days = Map.groupBy(sales, ({ customerId, at }) => `${customerId} ${at.slice(0, 10)}`)
  const [line] = [...days.values()].find((lines) => lines.length === 1)!
  const before = (await told()).length
  await hub.sim('records/transactions', {
    transactionId: line!.transactionId,
    at: '2019-01-05T23:59:59.999Z',
  })
  await hub.sync('INCREMENTAL')
  const moved = (await told()).slice(before)
  expect(moved.map(({ day, deleted }) => [day, deleted]).sort()).toEqual(
    [
      [line!.at.slice(0, 10), true],
      ['2019-01-05', false],
    ].sort(),
  )
  await hub.sim('records/transactions', { transactionId: line!.transactionId, deleted: true })
  await hub.sync('INCREMENTAL')
  const after = (await told()).slice(before + 2)
  expect(after.map(({ day, deleted, total }) => [day, deleted, total])).toEqual([['2019-01-05', true, null]])
  const standing = [...latest(await told()).values()].filter(({ deleted }) => !deleted)
  expect(shownAsTruth(standing)).toEqual(await truth())
})

it('tells anew of the orders with a part that turns out to be of another category, and of no others', async () => {
  const orders = [...latest(await told()).values()].filter(({ deleted }) => !deleted)
  const rows = await hub.records<StockRow>('inventory')
  const { componentId } = orders[0]!.lines[0]!
  const [row] = rows.filter(
    (each) => idFrom(DEMO, 'component', each.manufacturer, each.partNumber) === componentId,
  )
  const before = (await told()).length
  await hub.sim('records/inventory', { stockId: row!.stockId, lifecycle: 'OBSOLETE' })
  await hub.sync('INCREMENTAL')
  expect((await told()).length).toBe(before)
  for (const { stockId } of rows.filter(({ partNumber }) => partNumber === row!.partNumber))
    await hub.sim('records/inventory', { stockId, category: 'Curiosities' })
  await hub.sync('INCREMENTAL')
  const concerned = orders.filter(({ lines }) => lines.some((each) => each.componentId === componentId))
  const again = (await told()).slice(before)
  expect(again.map(({ orderId }) => orderId).sort()).toEqual(concerned.map(({ orderId }) => orderId).sort())
  const categories = again.map(
    ({ lines }) => lines.find((each) => each.componentId === componentId)?.category,
  )
  expect(new Set(categories)).toEqual(new Set(['Curiosities']))
})

it('asks as many statements for a hundred lines of trade as for two', async () => {
  const sales = (await hub.records<Transaction>('transactions')).filter(({ kind }) => kind === 'SALE')
  const count = async (n: number, quantity: number) => {
    for (const { transactionId } of sales.slice(0, n))
      await hub.sim('records/transactions', { transactionId, quantity })
    hub.statements.length = 0
    await hub.sync('INCREMENTAL')
    return hub.statements.filter((text) => text.includes('inventory.transactions')).length
  }
  const two = await count(2, 3)
  expect(two).toBeGreaterThan(3)
  expect(await count(100, 4)).toBe(two)
})

it('gives a sibling that starts anew every order as it stands', async () => {
  const seal = principalSeal(SHARED_SECRET, systemClock)
  const feed = { url: hub.inventory.url!, source: 'inventory', reader: 'test', seal }
  const state: Order[] = []
  for await (const { events } of readSnapshot(feed, ['inventory.order.changed'], AbortSignal.timeout(30_000)))
    state.push(...events.map(({ payload }) => payload as Order))
  const standing = [...latest(await told()).values()].filter(({ deleted }) => !deleted)
  const byId = (a: Order, b: Order) => (a.orderId < b.orderId ? -1 : 1)
  expect(state.sort(byId)).toEqual(standing.sort(byId))
})
