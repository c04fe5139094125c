import Big from 'big.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Rfq, StockRow, Supplier, Transaction } from '#connectors/c3/index.ts'
import { askSubgraph, EMPTY, principal } from '../kit/subgraph.ts'
import { type InventoryBed, startInventoryBed } from './bed.ts'

let hub: InventoryBed
beforeAll(async () => {
  hub = await startInventoryBed({ companies: 40 })
  await hub.synced()
})
afterAll(() => hub[Symbol.asyncDispose]())

/** A decimal as the graph writes it: nothing behind the point that says nothing. */
const plain = (amount: string | null) => (amount === null ? null : new Big(amount).toFixed())

const ask = (query: string, variables: Record<string, unknown> = {}) =>
  askSubgraph(hub.inventory.url, query, variables)

it('has every record of every kind that C3 has, and tells how many', async () => {
  for (const [kind, query] of [
    ['inventory', '{ all: stock(first: 1) { totalCount } }'],
    ['rfqs', '{ all: rfqs(first: 1) { totalCount } }'],
    ['suppliers', '{ all: suppliers(first: 1) { totalCount } }'],
    ['transactions', '{ all: transactions(first: 1) { totalCount } }'],
  ] as const) {
    const { data } = await ask(query)
    expect([kind, data.all.totalCount]).toEqual([kind, (await hub.records(kind)).length])
  }
  const numbers = new Set((await hub.records<StockRow>('inventory')).map(({ partNumber }) => partNumber))
  const { data } = await ask('{ components(first: 1) { totalCount } }')
  expect(data.components.totalCount).toBe(numbers.size)
})

it('finds nothing to change when everything is read again, and writes nothing', async () => {
  const run = await hub.sync('FULL')
  const { created, updated, deleted } = await hub.progress(run)
  expect({ created, updated, deleted }).toEqual({ created: 0, updated: 0, deleted: 0 })
})

it('shows a part with what lies there of it, lot by lot, and who offers it', async () => {
  const rows = (await hub.records<StockRow>('inventory')).filter(
    ({ partNumber }) => partNumber === 'STM32F429ZIT6',
  )
  const { data } = await ask(`{ component(partNumber: "stm32f429-zit6") {
    partNumber manufacturer category family package lifecycle parameters { name value unit } quantityAvailable quantityReserved
    averageCost { amount currency }
    stock(first: 50) { totalCount nodes { c3StockId location quantityAvailable receivedOn priceBreaks { quantity unitPrice { amount } } component { partNumber } } }
    sources { c3SupplierId leadTimeDays unitCost { amount } minimumQuantity supplier { name isApproved onTime } }
  } }`)
  const { component } = data
  const [row] = rows as [StockRow]
  expect(component).toMatchObject({
    partNumber: 'STM32F429ZIT6',
    manufacturer: 'STMicroelectronics',
    category: 'Microcontrollers',
    family: 'STM32F4',
    package: 'LQFP',
    lifecycle: row.lifecycle,
    parameters: row.parameters,
    quantityAvailable: rows.reduce((sum, each) => sum + each.quantityAvailable, 0),
    quantityReserved: rows.reduce((sum, each) => sum + each.quantityReserved, 0),
  })
  expect(component.stock.totalCount).toBe(rows.length)
  expect(component.stock.nodes.map((each: { c3StockId: string }) => each.c3StockId).sort()).toEqual(
    rows.map(({ stockId }) => stockId).sort(),
  )
  const [first] = component.stock.nodes
  const same = rows.find(({ stockId }) => stockId === first.c3StockId)!
  expect(first).toMatchObject({
    location: same.location,
    receivedOn: same.receivedOn,
    component: { partNumber: 'STM32F429ZIT6' },
    priceBreaks: same.priceBreaks.map(({ quantity, unitPrice }) => ({
      quantity,
      unitPrice: { amount: plain(unitPrice) },
    })),
  })
  const suppliers = await hub.records<Supplier>('suppliers')
  expect(component.sources).toEqual(
    row.sources.map(({ supplierId, leadTimeDays, unitCost, minimumQuantity }) => {
      const { name, isApproved, onTime } = suppliers.find((each) => each.supplierId === supplierId)!
      const supplier = { name, isApproved, onTime }
      return {
        c3SupplierId: supplierId,
        leadTimeDays,
        unitCost: { amount: plain(unitCost) },
        minimumQuantity,
        supplier,
      }
    }),
  )
})

it('averages costs exactly, weighted by what lies there', async () => {
  const { data } = await ask(
    '{ components(first: 200, filter: { inStock: true }) { nodes { partNumber averageCost { amount } } } }',
  )
  const rows = Map.groupBy(await hub.records<StockRow>('inventory'), ({ partNumber }) => partNumber)
  for (const { partNumber, averageCost } of data.components.nodes.slice(0, 40)) {
    let [worth, pieces] = [0n, 0n]
    for (const { quantityAvailable, costPerUnit } of rows.get(partNumber)!) {
      worth += BigInt(quantityAvailable) * BigInt(costPerUnit.replace('.', ''))
      pieces += BigInt(quantityAvailable)
    }
    // Half a ten-thousandth is rounded away from nought, as PostgreSQL does.
    const average = (worth * 2n + pieces) / (pieces * 2n)
    expect([partNumber, new Big(averageCost.amount).times(10_000).toFixed(0)]).toEqual([
      partNumber,
      String(average),
    ])
  }
})

it('looks for parts by the beginning of their number first, then anywhere, page by page without a gap', async () => {
  const page = async (search: string, after: string | null, first = 7) =>
    (
      await ask(
        'query ($search: String!, $after: Cursor, $first: Int!) { components(search: $search, first: $first, after: $after) { nodes { partNumber description } pageInfo { endCursor hasNextPage } totalCount } }',
        { search, after, first },
      )
    ).data.components
  const all = new Set((await hub.records<StockRow>('inventory')).map(({ partNumber }) => partNumber))
  const begins = [...all].filter((number) => number.replaceAll(/[^0-9A-Z]/g, '').startsWith('STM32F4'))
  const found: string[] = []
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo, totalCount } = await page('stm32-f4', after)
    expect(totalCount).toBeGreaterThanOrEqual(begins.length)
    found.push(...nodes.map((node: { partNumber: string }) => node.partNumber))
    after = pageInfo.endCursor
    if (!pageInfo.hasNextPage) break
  }
  expect(found).toEqual([...begins].sort())
  expect(new Set(found).size).toBe(found.length)
  const gates = await page('logic GATE', null, 200)
  expect(gates.nodes.length).toBeGreaterThan(0)
  expect(new Set(gates.nodes.map((node: { description: string }) => node.description))).toEqual(
    new Set(['Logic gate']),
  )
  const both = await page('74', null, 200)
  const isFirst = both.nodes.map((node: { partNumber: string }) => node.partNumber.startsWith('74'))
  expect(isFirst).toEqual([...isFirst].sort((a, b) => Number(b) - Number(a)))
  expect((await page('100%_nothing', null)).nodes).toEqual([])
})

it('narrows parts by kind, series, maker, life and stock', async () => {
  const rows = await hub.records<StockRow>('inventory')
  const count = async (filter: string) =>
    (await ask(`{ components(first: 1, filter: ${filter}) { totalCount } }`)).data.components.totalCount
  const parts = [...Map.groupBy(rows, ({ partNumber }) => partNumber).values()]
  const having = (is: (row: StockRow) => boolean) => parts.filter(([row]) => is(row!)).length
  expect(await count('{ category: "Resistors" }')).toBe(having(({ category }) => category === 'Resistors'))
  expect(await count('{ family: "GRM" }')).toBe(having(({ family }) => family === 'GRM'))
  expect(await count('{ manufacturer: "Nexperia" }')).toBe(
    having(({ manufacturer }) => manufacturer === 'Nexperia'),
  )
  expect(await count('{ lifecycle: OBSOLETE }')).toBe(having(({ lifecycle }) => lifecycle === 'OBSOLETE'))
  const isFree = (all: StockRow[]) => all.some((row) => row.quantityAvailable > row.quantityReserved)
  expect(await count('{ inStock: true }')).toBe(parts.filter(isFree).length)
  expect(await count('{ inStock: false }')).toBe(parts.filter((all) => !isFree(all)).length)
})

it('understands the lines of requests however customers write them, and says when it is not sure', async () => {
  const rfqs = await hub.records<Rfq>('rfqs')
  const { data } = await ask(`{ rfqs(first: 200) { nodes { c3RfqId buyer note dueAt lines {
    line partNumber manufacturer quantity targetPrice { amount } unitPrice { amount } match component { partNumber manufacturer } } } } }`)
  const seen = new Map<string, number>()
  for (const { c3RfqId, lines, buyer } of data.rfqs.nodes) {
    const told = rfqs.find(({ rfqId }) => rfqId === c3RfqId)!
    expect(buyer).toBe(told.buyer)
    expect(
      lines.map(({ line, quantity, unitPrice }: never) => [
        line,
        quantity,
        (unitPrice as { amount: string } | null)?.amount ?? null,
      ]),
    ).toEqual(told.lines.map(({ line, quantity, unitPrice }) => [line, quantity, plain(unitPrice)]))
    for (const line of lines) {
      seen.set(line.match, (seen.get(line.match) ?? 0) + 1)
      const letters = (text: string) => text.toUpperCase().replaceAll(/[^0-9A-Z]/g, '')
      if (line.match === 'EXACT') expect(line.component.partNumber).toBe(line.partNumber)
      if (line.match === 'NORMALISED')
        expect(letters(line.component.partNumber)).toBe(letters(line.partNumber))
      if (line.match === 'UNSURE' || line.match === 'NONE') expect(line.component).toBeNull()
      if (line.component && line.manufacturer) expect(line.component.manufacturer).toBe(line.manufacturer)
    }
  }
  expect(seen.get('EXACT')).toBeGreaterThan(100)
  expect(seen.get('NORMALISED')).toBeGreaterThan(0)
})

it('tells what customers bought, gave back and spent, exactly', async () => {
  const trade = (await hub.records<Transaction>('transactions')).filter(
    ({ customerId }) => customerId !== null,
  )
  const [c3CustomerId] = [...Map.groupBy(trade, ({ customerId }) => customerId!)].sort(
    (a, b) => b[1].length - a[1].length,
  )[0]!
  const own = trade.filter(({ customerId }) => customerId === c3CustomerId)
  const { data: found } = await ask(
    '{ transactions(first: 200, filter: { kind: SALE }) { nodes { account { id c3CustomerId } } } }',
  )
  const { id } = found.transactions.nodes.find(
    (node: never) => (node as { account: { c3CustomerId: string } }).account.c3CustomerId === c3CustomerId,
  ).account
  const customer = { __typename: 'Customer', id: 'x', c3CustomerIds: [id] }
  const { data } = await ask(
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer {
      transactions(first: 200) { totalCount nodes { c3TransactionId kind quantity total { amount } at component { partNumber } partNumber } }
      spend(days: 3660) { amount { amount currency } sales returns }
      openQuotes(first: 200) { totalCount nodes { status } } } } }`,
    { of: [customer] },
  )
  const [{ transactions, spend, openQuotes }] = data._entities
  expect(transactions.totalCount).toBe(own.length)
  const newest = [...own].sort((a, b) => (a.at < b.at ? 1 : -1))
  // Lines of one order share their instant.
  expect(transactions.nodes.map(({ at }: { at: string }) => at)).toEqual(
    newest.slice(0, 200).map(({ at }) => at),
  )
  const listed = new Set(transactions.nodes.map(({ c3TransactionId }: never) => c3TransactionId))
  expect(listed.size).toBe(Math.min(200, own.length))
  const ten = (text: string) => BigInt(new Big(text).times(10_000).toFixed(0))
  const sum = own.reduce(
    (all, { kind, quantity, unitPrice }) =>
      all + (kind === 'RETURN' ? -1n : 1n) * BigInt(quantity) * ten(unitPrice),
    0n,
  )
  expect(
    spend.map(({ amount }: never) => [
      (amount as { currency: string }).currency,
      ten((amount as { amount: string }).amount),
    ]),
  ).toEqual([['USD', sum]])
  expect(spend[0]).toMatchObject({
    sales: own.filter(({ kind }) => kind === 'SALE').length,
    returns: own.filter(({ kind }) => kind === 'RETURN').length,
  })
  const quoted = (await hub.records<Rfq>('rfqs')).filter(
    ({ customerId, status }) => customerId === c3CustomerId && status === 'QUOTED',
  )
  expect(openQuotes.totalCount).toBe(quoted.length)
})

it('shows suppliers with what they offer, page by page', async () => {
  const rows = await hub.records<StockRow>('inventory')
  const { data } = await ask(
    '{ suppliers(first: 200, isApproved: false) { nodes { c3SupplierId isApproved } } all: suppliers(first: 3) { nodes { c3SupplierId name components(first: 200) { totalCount nodes { partNumber } } } pageInfo { hasNextPage } } }',
  )
  expect(data.suppliers.nodes.every(({ isApproved }: { isApproved: boolean }) => !isApproved)).toBe(true)
  expect(data.all.pageInfo.hasNextPage).toBe(true)
  for (const { c3SupplierId, components } of data.all.nodes) {
    const offered = new Set(
      rows
        .filter(({ sources }) => sources.some(({ supplierId }) => supplierId === c3SupplierId))
        .map(({ partNumber }) => partNumber),
    )
    expect([c3SupplierId, components.totalCount]).toEqual([c3SupplierId, offered.size])
    expect(new Set(components.nodes.map(({ partNumber }: { partNumber: string }) => partNumber))).toEqual(
      offered,
    )
  }
})

it('asks as many statements for two hundred requests as for two', async () => {
  const count = async (first: number) => {
    hub.statements.length = 0
    await ask(
      'query ($first: Int!) { rfqs(first: $first) { nodes { lines { component { partNumber sources { supplier { name } } stock(first: 2) { nodes { location } } } } account { name } } } }',
      { first },
    )
    // Workers send statements of their own meanwhile.
    return hub.statements.filter((sql) => /from inventory\.(?!integrations)/.test(sql)).length
  }
  expect(await count(200)).toBe(await count(2))
})

it('brings over what changed of parts, suppliers, lines and trade, and forgets what is gone', async () => {
  const [supplier] = await hub.records<Supplier>('suppliers')
  const [rfq] = await hub.records<Rfq>('rfqs')
  const [trade] = await hub.records<Transaction>('transactions')
  const [row] = await hub.records<StockRow>('inventory')
  await hub.sim('records/suppliers', { supplierId: supplier!.supplierId, onTime: 0.31 })
  await hub.sim('records/rfqs', {
    rfqId: rfq!.rfqId,
    lines: [{ ...rfq!.lines[0], quantity: 77, partNumber: 'UNHEARD-OF' }],
    note: 'Only one',
  })
  await hub.sim('records/transactions', { transactionId: trade!.transactionId, deleted: true })
  await hub.sim('records/inventory', { stockId: row!.stockId, lifecycle: 'LAST_TIME_BUY' })
  await hub.sim('records/transactions', { transactionId: 'T-ODD', kind: 'BARTER' })
  await hub.sync('INCREMENTAL')
  const { data } = await ask(
    'query ($part: String!) { suppliers(first: 200) { nodes { c3SupplierId onTime } } rfqs(first: 200) { nodes { c3RfqId note lineCount lines { quantity match } } } transactions(first: 1) { totalCount } component(partNumber: $part) { lifecycle } }',
    { part: row!.partNumber },
  )
  expect(
    data.suppliers.nodes.find((each: { c3SupplierId: string }) => each.c3SupplierId === supplier!.supplierId)
      .onTime,
  ).toBe(0.31)
  expect(data.rfqs.nodes.find((each: { c3RfqId: string }) => each.c3RfqId === rfq!.rfqId)).toMatchObject({
    note: 'Only one',
    lineCount: 1,
    lines: [{ quantity: 77, match: 'NONE' }],
  })
  expect(data.component.lifecycle).toBe('LAST_TIME_BUY')
  // Neither the deleted one nor the one of a kind that nobody here knows.
  const known = (await hub.records<Transaction>('transactions')).filter(
    ({ deleted, kind }) => !deleted && String(kind) !== 'BARTER',
  )
  expect(data.transactions.totalCount).toBe(known.length)
})

it('shows nothing of it to another organisation', async () => {
  const { data } = await askSubgraph(
    hub.inventory.url,
    '{ components(first: 1) { totalCount } suppliers(first: 1) { totalCount } transactions(first: 1) { totalCount } component(partNumber: "STM32F429ZIT6") { id } }',
    {},
    principal(EMPTY),
  )
  expect(data).toEqual({
    components: { totalCount: 0 },
    suppliers: { totalCount: 0 },
    transactions: { totalCount: 0 },
    component: null,
  })
})
