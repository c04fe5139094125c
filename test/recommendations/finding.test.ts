import Big from 'big.js'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { startAdvising } from '#subgraphs/inventory/jobs/advise-changed.ts'
import { noteAdviceDue } from '#subgraphs/inventory/store/advice-due.ts'
import { silentLog } from '../kit/log.ts'
import { DEMO } from '../kit/subgraph.ts'
import { until } from '../kit/until.ts'
import { type AdvisedBed, type Recommended, startAdvisedBed } from './bed.ts'

let hub: AdvisedBed
beforeAll(async () => {
  hub = await startAdvisedBed()
  await hub.synced()
  await hub.advised()
})
afterAll(() => hub[Symbol.asyncDispose]())

const shown = ({ evidence }: Recommended, name: string): string =>
  evidence.find((each) => each.name === name)!.value
const ofKind = (all: readonly Recommended[], kind: string) => all.filter((each) => each.kind === kind)
const versions = async () =>
  (await hub.recommended()).map(({ id, state, version }) => `${id} ${state} ${version}`).sort()
/** Has everything of a kind looked at again. */
const lookAgain = async (type: string) => {
  const table = type === 'rfqs' ? 'inventory.rfqs' : 'inventory.inventory'
  const ids = (await hub.select<{ id: string }>(sql`select id from ${sql.table(table)}`)).map(({ id }) => id)
  await hub.database.transaction(DEMO, (tx) => noteAdviceDue(tx, type, ids))
  await hub.advised()
}

it('recommends prices for the lines of open requests, each explained by what it was worked out from', async () => {
  const prices = ofKind(await hub.recommended(), 'PRICING')
  expect(prices.length).toBeGreaterThan(10)
  const { rfqs } = await hub.ask(`{ rfqs(first: 200) { nodes { id status lines { line quantity
    priceAdvice { unitPrice { amount currency } low { amount } confidence } } } } }`)
  for (const each of prices) {
    const rfq = rfqs.nodes.find(({ id }: { id: string }) => id === each.rfq!.id)
    expect(rfq.status).toBe('OPEN')
    const line = rfq.lines.find((one: { line: number }) => one.line === each.line)
    // Asked for line by line it is the same.
    expect(line.priceAdvice).toEqual({ unitPrice: each.price, low: each.low, confidence: each.confidence })
    expect(shown(each, 'quantity')).toBe(String(line.quantity))
    const price = new Big(shown(each, 'cost')).times(shown(each, 'markup'))
    // The markup that is shown has four digits, as prices have.
    const left = price.minus(each.price!.amount).abs()
    expect(left.toNumber()).toBeLessThanOrEqual(0.00005 * (1 + Number(shown(each, 'cost'))))
    expect(new Big(each.low!.amount).lte(each.price!.amount)).toBe(true)
    expect(new Big(each.high!.amount).gte(each.price!.amount)).toBe(true)
    expect(each.reasoning).toContain(`${shown(each, 'quotes')} past quotes`)
    expect(each.reasoning).toContain(`${shown(each, 'won')} of them taken`)
    const band = { HIGH: 85, MEDIUM: 70, LOW: 50, REVIEW: 0 }[each.band]!
    expect(each.confidence).toBeGreaterThanOrEqual(band)
    for (const { name, meaning } of each.evidence) expect([name, meaning]).not.toEqual([name, ''])
  }
})

it('recommends stand-ins that are there and save something, or are there where the part is not', async () => {
  const found = ofKind(await hub.recommended(), 'ALTERNATIVE')
  expect(found.length).toBeGreaterThan(5)
  for (const each of found) {
    const [needed, own, other] = ['needed', 'free of this part', 'free of the other'].map((name) =>
      Number(shown(each, name)),
    ) as [number, number, number]
    expect(other).toBeGreaterThanOrEqual(needed)
    if (own >= needed) expect(Number(each.saving!.amount)).toBeGreaterThan(0)
    const saved = new Big(shown(each, 'cost of this part')).minus(shown(each, 'cost of the other'))
    expect(saved.eq(each.saving!.amount)).toBe(true)
    expect(each.alternative!.id).not.toBe(each.component!.id)
  }
})

it('recommends stock levels and warns of what threatens parts and suppliers, as the parts themselves say', async () => {
  const all = (await hub.recommended()).filter(({ rfq }) => rfq === null)
  const byPart = Map.groupBy(all, ({ component }) => component?.id ?? '')
  const { components } = await hub.ask(`{ components(first: 200) { nodes { id
    stockAdvice { reorderPoint orderQuantity confidence } supplyRisks { kind severity reason } } } }`)
  let [levels, warnings] = [0, 0]
  for (const { id, stockAdvice, supplyRisks } of components.nodes) {
    const own = byPart.get(id) ?? []
    const level = own.find(({ kind }) => kind === 'STOCK_LEVEL')
    if (stockAdvice) {
      levels += 1
      expect(level).toMatchObject({ ...stockAdvice, serviceLevel: 0.95 })
    } else expect(level).toBeUndefined()
    const told = own.filter(({ kind }) => kind === 'SUPPLY_RISK')
    warnings += told.length
    const known = supplyRisks.map((risk: { kind: string; severity: string; reason: string }) => ({
      ...{ risk: risk.kind, severity: risk.severity, reasoning: risk.reason },
    }))
    for (const { risk, severity, reasoning } of told)
      expect(known).toContainEqual({ risk, severity, reasoning })
  }
  expect(levels).toBeGreaterThan(10)
  expect(warnings).toBeGreaterThan(5)
})

it('warns of suppliers that are late and of parts that hang on them, and no longer once they are not', async () => {
  const late = (await hub.recommended()).filter(({ risk }) => risk === 'LATE_SUPPLIER')
  const suppliers = await hub.records<{ supplierId: string; onTime: number | null; isApproved: boolean }>(
    'suppliers',
  )
  const expected = suppliers.filter(
    ({ onTime, isApproved }) => isApproved && onTime !== null && onTime < 0.75,
  )
  expect(late.map(({ supplier }) => supplier!.c3SupplierId).sort()).toEqual(
    expected.map(({ supplierId }) => supplierId).sort(),
  )
  const single = (await hub.recommended()).find(({ risk }) => risk === 'SINGLE_SOURCE')!
  const { c3SupplierId, id } = single.supplier!
  const concerning = async () =>
    (
      await hub.ask(
        'query ($id: ID!) { supplier(id: $id) { recommendations(filter: { states: [PROPOSED] }, first: 200) { totalCount nodes { id risk } } } }',
        { id },
      )
    ).supplier.recommendations
  const before = await concerning()
  expect(before.nodes).toContainEqual({ id: single.id, risk: 'SINGLE_SOURCE' })
  await hub.changed('suppliers', { supplierId: c3SupplierId, onTime: 0.4 })
  const after = await concerning()
  expect(after.nodes.map(({ risk }: { risk: string }) => risk)).toContain('LATE_SUPPLIER')
  expect(after.totalCount).toBe(before.totalCount + 1)
  await hub.changed('suppliers', { supplierId: c3SupplierId, onTime: 0.99 })
  expect((await concerning()).totalCount).toBe(before.totalCount)
  const gone = (await hub.recommended({ states: ['EXPIRED'] })).filter(({ supplier }) => supplier?.id === id)
  expect(gone.map(({ risk }) => risk)).toEqual(['LATE_SUPPLIER'])
})

it('writes nothing anew while what it follows from stays the same', async () => {
  const before = await versions()
  await lookAgain('rfqs')
  await lookAgain('inventory')
  expect(await versions()).toEqual(before)
})

it('puts a new one in the place of what would follow from something else by now', async () => {
  const before = ofKind(await hub.recommended({ states: ['PROPOSED'] }), 'PRICING')[0]!
  const rows = await hub.records<{ stockId: string; partNumber: string; costPerUnit: string }>('inventory')
  const own = rows.filter(({ partNumber }) => partNumber === before.component!.partNumber)
  for (const { stockId, costPerUnit } of own)
    await hub.sim(
      'records/inventory',
      { stockId, costPerUnit: new Big(costPerUnit).times(2).toFixed(4) },
      'POST',
    )
  await hub.sync('INCREMENTAL')
  await hub.advised()
  const all = (await hub.recommended()).filter(
    ({ kind, rfq, line }) => kind === 'PRICING' && rfq!.id === before.rfq!.id && line === before.line,
  )
  expect(all.map(({ state }) => state)).toEqual(['PROPOSED', 'SUPERSEDED'])
  expect(all[1]!.id).toBe(before.id)
  expect(Number(all[0]!.price!.amount)).toBeGreaterThan(Number(before.price!.amount) * 1.5)
})

it('looks again at what an older version of a method has proposed, and supersedes it', async () => {
  const before = (await hub.recommended({ kinds: ['STOCK_LEVEL'], states: ['PROPOSED'] }))[0]!
  await hub.database.transaction(DEMO, (tx) =>
    sql`update inventory.recommendations set method_version = 0, fingerprint = 'of the older one' where id = ${before.id}`.execute(
      tx,
    ),
  )
  await using _ = startAdvising({
    rows: hub.database,
    clock: systemClock,
    log: silentLog,
    published: () => undefined,
  })
  const now = await until(async () => {
    const all = (await hub.recommended({ kinds: ['STOCK_LEVEL'] })).filter(
      ({ component }) => component!.id === before.component!.id,
    )
    return all[0]!.id === before.id ? undefined : all
  })
  expect(now.slice(0, 2).map(({ state, methodVersion }) => [state, methodVersion])).toEqual([
    ['PROPOSED', before.methodVersion],
    ['SUPERSEDED', 0],
  ])
})

it('asks as many statements for many as for few', async () => {
  const parts = await hub.select<{ id: string }>(sql`select id from inventory.components order by id`)
  const rfqs = await hub.select<{ id: string }>(
    sql`select id from inventory.rfqs where status = 'OPEN' order by id`,
  )
  const count = async (n: number) => {
    hub.statements.length = 0
    await hub.database.transaction(DEMO, async (tx) => {
      for (const [kind, all] of [['COMPONENT', parts] as const, ['RFQ', rfqs] as const])
        await sql`insert into inventory.advice_due (org_id, kind, id)
          select ${DEMO}::uuid, ${kind}, id from unnest(${all.slice(0, n).map(({ id }) => id)}::uuid[]) as r(id)`.execute(
          tx,
        )
      await sql`select pg_notify('inventory_advice', '')`.execute(tx)
    })
    await hub.advised()
    const own = /inventory\.(recommendations|components|transactions|suppliers|rfq|advice_due|inventory i)/
    return hub.statements.filter((text) => own.test(text) && !text.includes('recursive orgs')).length
  }
  // Fifty are advised on at a time: two are one turn, as twenty-five of each are.
  const [few, many] = [await count(1), await count(25)]
  expect(few).toBeGreaterThan(10)
  // Where nothing is found, less is asked.
  expect(many).toBeLessThanOrEqual(few + 4)
})
