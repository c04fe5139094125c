import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Kinds } from '#connectors/c3/index.ts'
import { encodeCursor } from '#kernel/cursor.ts'
import { writer } from '#test/kit/c3.ts'
import { quiet } from '#test/kit/engine.ts'
import { EMPTY, principal } from '#test/kit/subgraph.ts'
import { subscriber } from '#test/kit/subscriber.ts'
import { until } from '#test/kit/until.ts'
import { freeOf, type Shelves, startShelves } from './bed.ts'

let on: Shelves
beforeAll(async () => {
  on = await startShelves()
})
afterAll(() => on?.[Symbol.asyncDispose]())

/** Stock rows of C3 of which enough is free, each handed out once. */
const used = new Set<string>()
const row = async (least = 100, fits: (row: Kinds['inventory']) => boolean = () => true) => {
  const rows = await on.records('inventory')
  const found = rows.find((each) => !used.has(each.stockId) && freeOf(each) >= least && fits(each))!
  used.add(found.stockId)
  const { id } = await on.shelf(found.stockId, found.partNumber)
  return { ...found, id: id as string }
}
const shelf = ({ stockId, partNumber }: Kinds['inventory']) => on.shelf(stockId, partNumber)
const HISTORY = /* GraphQL */ `
  query ($id: ID!) { rfq(id: $id) { status reservations { c3StockId quantity confirmedQuantity state }
    history(first: 50) { nodes { kind by quantity reason stockItem { c3StockId } } } } }`
const seen = async (id: string) => (await on.ask(HISTORY, { id })).data.rfq

it('never promises more than lies there to fifty callers of two processes, and C3 then holds just that', async () => {
  const stock = await row(100)
  const each = Math.ceil((freeOf(stock) + 1) / 7)
  const fit = Math.floor(freeOf(stock) / each)
  const asked = Array.from({ length: 50 }, (_, n) => on.rfqs[n % 3]!.id)
  const answers = await Promise.all(
    asked.map((rfqId, n) => on.reserve({ rfqId, stockItemId: stock.id, quantity: each }, { api: n % 2 })),
  )
  const held = answers.filter(({ __typename }) => __typename === 'StockReserved')
  expect(held).toHaveLength(fit)
  const refused = answers.filter(({ code }) => code === 'NOT_ENOUGH_STOCK')
  expect(refused).toHaveLength(50 - fit)
  for (const { available } of refused) expect(available).toBe(freeOf(stock) - fit * each)
  expect(await shelf(stock)).toMatchObject({
    quantityReserved: stock.quantityReserved + fit * each,
    quantityPromised: fit * each,
  })
  // C3 has not been told yet.
  expect((await on.stockIn(stock.stockId)).quantityReserved).toBe(stock.quantityReserved)
  await using _ = writer(on.bed)
  await quiet(on)
  expect((await on.stockIn(stock.stockId)).quantityReserved).toBe(stock.quantityReserved + fit * each)
  expect(await shelf(stock)).toMatchObject({
    quantityReserved: stock.quantityReserved + fit * each,
    quantityPromised: 0,
  })
  const { reservations } = await seen(held[0].rfq.id)
  const own = reservations.find(({ c3StockId }: { c3StockId: string }) => c3StockId === stock.stockId)
  expect(own).toMatchObject({ state: 'HELD', quantity: own.confirmedQuantity })
})

it('holds once for one key, however often and by whichever process it is asked', async () => {
  const stock = await row(100)
  const { id: rfqId } = on.rfqs[3]!
  const input = { rfqId, stockItemId: stock.id, quantity: 9 }
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => on.reserve(input, { key: 'once', api: n % 2 })),
  )
  expect(answers.map(({ __typename }) => __typename)).toEqual(Array(20).fill('StockReserved'))
  expect((await shelf(stock)).quantityPromised).toBe(9)
  expect(await on.reserve({ ...input, quantity: 8 }, { key: 'once' })).toMatchObject({ code: 'KEY_REUSED' })
  expect(await on.release(input, { key: 'once' })).toMatchObject({ code: 'KEY_REUSED' })
  expect((await on.reserve(input, { key: 'twice' })).__typename).toBe('StockReserved')
  expect((await shelf(stock)).quantityPromised).toBe(18)
})

it('gives back what C3 does not hold, because somebody there was quicker, and says so', async () => {
  const stock = await row(100)
  const { id: rfqId } = on.rfqs[5]!
  const { __typename } = await on.reserve({ rfqId, stockItemId: stock.id, quantity: 40 })
  expect(__typename).toBe('StockReserved')
  // Somebody in C3 takes nearly all of it, and the hub hears of it before C3 does of ours.
  const { stockId, quantityAvailable } = stock
  await on.sim('records/inventory', { stockId, quantityReserved: quantityAvailable - 1 })
  await on.note('inventory', [stockId])
  await quiet({ ...on, outgoing: async () => [] })
  expect(await shelf(stock)).toMatchObject({ quantityReserved: quantityAvailable + 39, quantityPromised: 40 })
  expect(await on.reserve({ rfqId, stockItemId: stock.id, quantity: 1 })).toMatchObject({ available: 0 })
  await using _ = writer(on.bed)
  await quiet(on)
  expect(await shelf(stock)).toMatchObject({ quantityReserved: quantityAvailable - 1, quantityPromised: 0 })
  const { reservations, history } = await seen(rfqId)
  expect(reservations.filter(({ c3StockId }: { c3StockId: string }) => c3StockId === stockId)).toEqual([])
  expect(history.nodes[0]).toEqual({
    ...{ kind: 'RESERVATION_REFUSED', by: 'C3', quantity: 40, reason: 'NOT_ENOUGH_STOCK' },
    stockItem: { c3StockId: stockId },
  })
  expect((await on.reserve({ rfqId, stockItemId: stock.id, quantity: 1 })).__typename).toBe('StockReserved')
  await quiet(on)
  expect((await on.stockIn(stockId)).quantityReserved).toBe(quantityAvailable)
})

it('counts once what C3 holds though the process that told it was gone before the answer came', async () => {
  const stock = await row(100)
  const { id: rfqId, c3RfqId } = on.rfqs[7]!
  await on.reserve({ rfqId, stockItemId: stock.id, quantity: 30 })
  await on.sim('faults', {
    ...{ path: '/c3/rfq-updates', times: 1, play: { do: 'close', afterCommit: true } },
  })
  {
    await using _ = writer(on.bed, { c3: { patienceMs: 0 } })
    // C3 has done it, and the answer never came.
    const there = async () =>
      (await on.records('rfqs')).find((rfq) => rfq.rfqId === c3RfqId)?.reservations ?? []
    await until(async () => (await there()).length > 0)
    expect(await there()).toEqual([{ stockId: stock.stockId, quantity: 30 }])
  }
  expect((await shelf(stock)).quantityReserved).toBe(stock.quantityReserved + 30)
  await using _ = writer(on.bed)
  await quiet(on)
  expect((await on.stockIn(stock.stockId)).quantityReserved).toBe(stock.quantityReserved + 30)
  expect(await shelf(stock)).toMatchObject({
    quantityReserved: stock.quantityReserved + 30,
    quantityPromised: 0,
  })
})

it('gives back what nobody needs, of which C3’s own share is free once C3 says so', async () => {
  const stock = await row(100)
  const { id: rfqId } = on.rfqs[9]!
  const input = { rfqId, stockItemId: stock.id }
  await on.reserve({ ...input, quantity: 25 })
  {
    await using _ = writer(on.bed)
    await quiet(on)
  }
  await on.reserve({ ...input, quantity: 5 })
  expect(await on.release({ ...input, quantity: 31 })).toMatchObject({ code: 'NOT_SO_MANY_HELD' })
  const { rfq } = await on.release({ ...input, quantity: 20 })
  const own = { c3StockId: stock.stockId, quantity: 10, confirmedQuantity: 25, state: 'RELEASING' }
  expect(rfq.reservations).toContainEqual(own)
  expect((await shelf(stock)).quantityReserved).toBe(stock.quantityReserved + 25)
  {
    await using _ = writer(on.bed)
    await quiet(on)
  }
  expect((await shelf(stock)).quantityReserved).toBe(stock.quantityReserved + 10)
  await on.release({ rfqId })
  await using _ = writer(on.bed)
  await quiet(on)
  expect((await shelf(stock)).quantityReserved).toBe(stock.quantityReserved)
  const { reservations, history } = await seen(rfqId)
  expect(reservations).toEqual([])
  expect(history.nodes.map(({ kind, quantity }: never) => [kind, quantity])).toEqual([
    ...[
      ['RELEASED', 10],
      ['RELEASED', 20],
      ['RESERVED', 5],
      ['RESERVED', 25],
    ],
  ])
})

it('takes a part from the oldest shelves first, and all of it or none', async () => {
  const parts = Map.groupBy(await on.records('inventory'), ({ partNumber }) => partNumber)
  const [rows] = [...parts.values()].filter(
    (all) => all.length > 1 && all.every((each) => freeOf(each) > 10 && !used.has(each.stockId)),
  ) as [Kinds['inventory'][]]
  for (const { stockId } of rows) used.add(stockId)
  const [first, second] = rows.toSorted((a, b) => a.receivedOn!.localeCompare(b.receivedOn!)) as [
    Kinds['inventory'],
    Kinds['inventory'],
  ]
  const { data } = await on.ask('query ($n: String!) { component(partNumber: $n) { id } }', {
    n: first.partNumber,
  })
  const { id: rfqId } = on.rfqs.at(-1)!
  const ask = { rfqId, componentId: data.component.id }
  const all = rows.reduce((sum, each) => sum + freeOf(each), 0)
  expect(await on.reserve({ ...ask, quantity: all + 1 })).toMatchObject({ available: all })
  const { rfq } = await on.reserve({ ...ask, quantity: freeOf(first) + 3 })
  expect(rfq.reservations.map(({ c3StockId, quantity }: never) => [c3StockId, quantity]).sort()).toEqual(
    [
      [first.stockId, freeOf(first)],
      [second.stockId, 3],
    ].sort(),
  )
  await on.release({ ...ask, quantity: 5 })
  expect((await seen(rfqId)).reservations).toEqual([
    { c3StockId: first.stockId, quantity: freeOf(first) - 2, confirmedQuantity: 0, state: 'PROMISED' },
  ])
})

it('refuses what cannot be held, and says why', async () => {
  const stock = await row(10)
  const { id: rfqId, version } = (
    await on.ask('{ rfqs(first: 1, filter: { statuses: [OPEN] }) { nodes { id version } } }')
  ).data.rfqs.nodes[0]
  const input = { rfqId, stockItemId: stock.id, quantity: 1 }
  expect(await on.reserve(input, { version: version + 7 })).toMatchObject({
    code: 'STALE',
    currentVersion: version,
  })
  expect(await on.reserve({ ...input, quantity: 0 })).toMatchObject({
    __typename: 'Invalid',
    field: 'quantity',
  })
  expect(await on.reserve({ rfqId, quantity: 1 })).toMatchObject({
    __typename: 'Invalid',
    field: 'stockItemId',
  })
  expect(await on.reserve({ ...input, stockItemId: 'nothing' })).toMatchObject({ __typename: 'Invalid' })
  expect(await on.reserve({ ...input, stockItemId: rfqId })).toMatchObject({ __typename: 'Missing' })
  expect(await on.reserve({ ...input, rfqId: stock.id })).toMatchObject({ __typename: 'Missing' })
  const lost = (await on.ask('{ rfqs(first: 1, filter: { statuses: [LOST] }) { nodes { id } } }')).data.rfqs
    .nodes[0]
  expect(await on.reserve({ ...input, rfqId: lost.id })).toMatchObject({ code: 'RFQ_OVER' })
  const stranger = await on.ask(
    'mutation ($input: ReserveStockInput!) { reserveStock(input: $input) { __typename } }',
    { input },
    {},
    principal(EMPTY),
  )
  expect(stranger.data.reserveStock.__typename).toBe('Missing')
  expect((await shelf(stock)).quantityPromised).toBe(0)
  expect((await on.reserve(input, { version })).rfq.version).toBe(version + 1)
})

const FROM_THE_BEGINNING = encodeCursor([0])
const ALERTS = /* GraphQL */ `
  subscription ($part: ID, $kinds: [StockAlertKind!], $after: Cursor) { stockAlert(componentId: $part, kinds: $kinds, after: $after) {
    kind free reorderPoint component { partNumber } stockItem { c3StockId } } }`
const told = async (count: number, variables: object) => {
  await using hearing = await subscriber(on.url, ALERTS, variables as Record<string, unknown>)
  await until(() => hearing.heard.length >= count)
  return hearing.heard.map(({ data, extensions }) => ({
    ...(data.stockAlert as { stockItem: { c3StockId: string } | null }),
    cursor: extensions!.cursor,
  }))
}
const inC3 = async ({ stockId }: Pick<Kinds['inventory'], 'stockId'>, change: object) => {
  await on.sim('records/inventory', { stockId, ...change })
  await on.note('inventory', [stockId])
  await quiet({ ...on, outgoing: async () => [] })
}

it('tells once that a part becomes scarce, whoever takes of it, and again only once it was well in between', async () => {
  const parts = Map.groupBy(await on.records('inventory'), ({ partNumber }) => partNumber)
  const stock = await row(100, ({ partNumber }) =>
    parts.get(partNumber)!.every(({ stockId }) => !used.has(stockId)),
  )
  const { partNumber, quantityAvailable } = stock
  const all = parts.get(partNumber)!.reduce((sum, each) => sum + freeOf(each), 0)
  const level = all - 10
  const { data } = await on.ask(
    'query ($n: String!) { component(partNumber: $n) { id isLow reorderPoint } }',
    {
      n: partNumber,
    },
  )
  const { id: componentId, ...unset } = data.component
  expect(unset).toEqual({ isLow: null, reorderPoint: null })
  const set = async (reorderPoint: number | null, id = componentId) =>
    (
      await on.ask(
        'mutation ($id: ID!, $level: Int) { setReorderPoint(componentId: $id, reorderPoint: $level) { __typename ... on ReorderPointSet { component { isLow reorderPoint } } } }',
        { id, level: reorderPoint },
      )
    ).data.setReorderPoint
  expect((await set(-1)).__typename).toBe('Invalid')
  expect((await set(1, stock.id)).__typename).toBe('Missing')
  // Whoever sets it sees that it is low already, and need not be told.
  expect((await set(all)).component).toEqual({ isLow: true, reorderPoint: all })
  expect((await set(level)).component).toEqual({ isLow: false, reorderPoint: level })
  const take = (quantity: number) => on.reserve({ rfqId: on.rfqs[2]!.id, stockItemId: stock.id, quantity })
  await take(9)
  await take(1)
  await take(1)
  await on.release({ rfqId: on.rfqs[2]!.id, stockItemId: stock.id, quantity: 5 })
  await take(5)
  const [{ manufacturer }] = parts.get(partNumber) as [Kinds['inventory']]
  for (const search of [null, partNumber, manufacturer]) {
    const low = await on.ask(
      'query ($search: String) { components(search: $search, first: 10, filter: { isLow: true }) { nodes { partNumber } } }',
      { search },
    )
    expect([search, low.data.components.nodes]).toEqual([search, [{ partNumber }]])
  }
  // More comes, and somebody in C3 takes all of it.
  const there = quantityAvailable + 50 + Math.ceil(level / 10)
  await inC3(stock, { quantityAvailable: there })
  await inC3(stock, { quantityReserved: there })
  const alerts = await told(2, { part: componentId, kinds: ['LOW'], after: FROM_THE_BEGINNING })
  const of = { kind: 'LOW', component: { partNumber }, reorderPoint: level, stockItem: null }
  expect(alerts).toMatchObject([
    { ...of, free: level },
    { ...of, free: all - freeOf(stock) },
  ])
  expect(await told(1, { part: componentId, kinds: ['LOW'], after: alerts[0]!.cursor })).toHaveLength(1)
  await set(null)
})

it('tells once that more of a row are reserved than lie there, and not what was so before the hub met it', async () => {
  const stock = await row(10)
  const { stockId, quantityAvailable } = stock
  for (const more of [1, 0, -1, 2]) await inC3(stock, { quantityReserved: quantityAvailable + more })
  const old = {
    ...stock,
    stockId: 'S-OLD',
    quantityReserved: quantityAvailable + 9,
    id: undefined,
    version: undefined,
  }
  await inC3(old, old)
  const filter = { isOversold: true }
  for (const more of [-2, 3]) await inC3(stock, { quantityReserved: quantityAvailable + more })
  const { data } = await on.ask(
    'query ($filter: StockFilter) { stock(first: 50, filter: $filter) { totalCount nodes { c3StockId } } }',
    { filter },
  )
  expect(data.stock.nodes.map(({ c3StockId }: { c3StockId: string }) => c3StockId)).toEqual(
    expect.arrayContaining([stockId, 'S-OLD']),
  )
  const part = (await shelf(stock)).component.id
  const alerts = await told(3, { part, kinds: ['OVERSOLD'], after: FROM_THE_BEGINNING })
  expect(alerts).toMatchObject([
    { free: -1, stockItem: { c3StockId: stockId } },
    { free: -2, stockItem: { c3StockId: stockId } },
    { free: -3, stockItem: { c3StockId: stockId } },
  ])
})
