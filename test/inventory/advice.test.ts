import Big from 'big.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { StockRow, Transaction } from '#connectors/c3/index.ts'
import { systemClock } from '#kernel/clock.ts'
import { askSubgraph } from '../kit/subgraph.ts'
import { type InventoryBed, startInventoryBed } from './bed.ts'

let hub: InventoryBed
beforeAll(async () => {
  hub = await startInventoryBed({ companies: 120 })
  await hub.synced()
})
afterAll(() => hub[Symbol.asyncDispose]())

const ask = async (query: string, variables: Record<string, unknown> = {}) => {
  const { data, errors } = await askSubgraph(hub.inventory.url, query, variables)
  expect(errors).toBeUndefined()
  return data
}
const parameter = (part: { parameters: { name: string; value: string }[] }, name: string) =>
  part.parameters.find((each) => each.name === name)?.value

it('names parts that can stand in for others, those that are there first, and none that would not fit', async () => {
  const { components } =
    await ask(`{ components(first: 100, filter: { category: "Microcontrollers" }) { nodes {
    partNumber lifecycle parameters { name value } averageCost { amount }
    alternatives(quantity: 50, first: 20) { fit isAvailable saving { amount } differences { name asked offered }
      component { partNumber lifecycle family quantityAvailable quantityReserved parameters { name value } averageCost { amount } } } } } }`)
  const all = components.nodes.flatMap((asked: never) =>
    (asked as { alternatives: object[] }).alternatives.map((found) => [asked, found]),
  )
  expect(all.length).toBeGreaterThan(50)
  for (const [asked, { component, isAvailable, saving, differences }] of all) {
    for (const name of ['line', 'pins', 'package'])
      expect(parameter(component, name)).toBe(parameter(asked, name))
    expect(Number(parameter(component, 'flash'))).toBeGreaterThanOrEqual(Number(parameter(asked, 'flash')))
    expect(component.lifecycle).not.toBe('OBSOLETE')
    expect(isAvailable).toBe(component.quantityAvailable - component.quantityReserved >= 50)
    if (saving)
      expect(saving.amount).toBe(
        new Big(asked.averageCost.amount).minus(component.averageCost.amount).toFixed(),
      )
    for (const { name, asked: before, offered } of differences)
      expect([name, offered]).not.toEqual([name, before])
  }
  for (const { alternatives } of components.nodes) {
    const there = alternatives.map(({ isAvailable }: { isAvailable: boolean }) => isAvailable)
    expect(there).toEqual([...there].sort((a, b) => Number(b) - Number(a)))
  }
})

it('says when to order a part again and what threatens its supply, from what was sold and who delivers', async () => {
  const { components } =
    await ask(`{ components(first: 200) { nodes { partNumber manufacturer quantityAvailable quantityReserved lifecycle
    stockAdvice { reorderPoint orderQuantity demandPerDay isDue confidence reasoning }
    supplyRisks { kind severity reason coverageDays supplier { c3SupplierId name } } } } }`)
  const first = new Date(systemClock.now().getTime() - 730 * 86_400_000)
  first.setUTCHours(0, 0, 0, 0)
  const since = first.toISOString()
  const trade = (await hub.records<Transaction>('transactions')).filter(({ at }) => at >= since)
  const rows = Map.groupBy(await hub.records<StockRow>('inventory'), ({ partNumber }) => partNumber)
  let advised = 0
  for (const { partNumber, manufacturer, stockAdvice, supplyRisks, lifecycle, ...held } of components.nodes) {
    const sold = trade.filter(
      (each) => each.kind === 'SALE' && each.partNumber === partNumber && each.manufacturer === manufacturer,
    )
    if (sold.length < 4) expect(stockAdvice).toBeNull()
    else if (stockAdvice) {
      advised += 1
      const pieces = sold.reduce((sum, { quantity }) => sum + quantity, 0)
      expect(stockAdvice.demandPerDay).toBeCloseTo(pieces / 730, 6)
      expect(stockAdvice.isDue).toBe(
        held.quantityAvailable - held.quantityReserved <= stockAdvice.reorderPoint,
      )
      expect(stockAdvice.reasoning).toContain(`${sold.length} orders`)
    }
    const kinds = supplyRisks.map(({ kind }: { kind: string }) => kind)
    expect(kinds.includes('END_OF_LIFE')).toBe(lifecycle !== 'ACTIVE')
    const offered = rows.get(partNumber)![0]!.sources.map(({ supplierId }) => supplierId)
    for (const { kind, supplier, coverageDays } of supplyRisks) {
      if (kind === 'LATE_SUPPLIER' || kind === 'SINGLE_SOURCE')
        expect(offered).toContain(supplier.c3SupplierId)
      else expect(supplier).toBeNull()
      expect(coverageDays === null).toBe(kind !== 'SHORTAGE')
    }
  }
  expect(advised).toBeGreaterThan(20)
})

it('advises on the price of lines from what customers took and left, within an interval and never below cost', async () => {
  const { rfqs } =
    await ask(`{ rfqs(first: 100, status: OPEN) { nodes { lines { match component { averageCost { amount } }
    priceAdvice { unitPrice { amount currency } low { amount } high { amount } winChance confidence evidence reasoning } } } } }`)
  const lines = rfqs.nodes.flatMap(({ lines }: { lines: object[] }) => lines)
  const advised = lines.filter(({ priceAdvice }: never) => priceAdvice !== null)
  expect(advised.length).toBeGreaterThan(5)
  for (const { component, priceAdvice } of advised) {
    const [cost, low, price, high] = [
      component.averageCost,
      priceAdvice.low,
      priceAdvice.unitPrice,
      priceAdvice.high,
    ].map(({ amount }) => Number(amount)) as [number, number, number, number]
    expect(cost).toBeLessThan(low)
    expect(low).toBeLessThanOrEqual(price)
    expect(price).toBeLessThanOrEqual(high)
    expect(priceAdvice.winChance).toBeGreaterThan(0)
    expect(priceAdvice.confidence).toBeLessThan(95)
  }
  for (const { match, component, priceAdvice } of lines)
    if (match === 'NONE' || !component) expect(priceAdvice).toBeNull()
})

it('asks as many statements for many parts as for few', async () => {
  const count = async (first: number) => {
    hub.statements.length = 0
    await ask(
      'query ($first: Int!) { components(first: $first) { nodes { alternatives(first: 3) { component { partNumber } } stockAdvice { isDue } supplyRisks { kind supplier { name } } } } }',
      { first },
    )
    return hub.statements.filter((sql) => /from (inventory\.(?!integrations)|jsonb|unnest)/.test(sql)).length
  }
  expect(await count(100)).toBeLessThanOrEqual(await count(3))
})

it('refuses quantities and service levels that nothing can be planned for', async () => {
  for (const field of [
    'alternatives(quantity: 0) { fit }',
    'alternatives(first: 21) { fit }',
    'stockAdvice(serviceLevel: 1) { isDue }',
  ]) {
    const { errors } = await askSubgraph(hub.inventory.url, `{ components(first: 1) { nodes { ${field} } } }`)
    expect(errors?.[0]?.extensions?.code).toBe('BAD_INPUT')
  }
})
