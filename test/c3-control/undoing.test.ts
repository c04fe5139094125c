import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Rfq, StockRow } from '#connectors/c3/index.ts'
import { priceField, reservedField } from '#subgraphs/inventory/domain/rfq-fields.ts'
import type { Values } from '#sync/values.ts'
import { reader, worker, writer } from '#test/kit/c3.ts'
import { quiet } from '#test/kit/engine.ts'
import { until } from '#test/kit/until.ts'
import { type AskedC3, askedC3, openRequests, type ShownItem } from './bed.ts'

let bed: AskedC3
let rfqs: Rfq[]
let rows: StockRow[]
const HELD = 3

const priced = ({ lines }: Rfq, unitPrice: string) => lines.map((line) => ({ ...line, unitPrice }))
/** A request as C3 has quoted it, with stock held for it. */
const quote = async (rfq: Rfq, { stockId, quantityReserved }: StockRow) => {
  const { rfqId } = rfq
  await bed.sim('records/inventory', { stockId, quantityReserved: quantityReserved + HELD })
  await bed.sim('records/rfqs', {
    ...{ rfqId, status: 'QUOTED', quoteId: `Q-${rfqId}`, lines: priced(rfq, '1.0000'), total: '20.0000' },
    reservations: [{ stockId, quantity: HELD }],
  })
}
beforeAll(async () => {
  bed = await askedC3({ firstPush: true }, [worker, writer, reader])
  rfqs = await openRequests(bed, 7)
  rows = (await bed.records('inventory')).filter((row) => row.quantityAvailable - row.quantityReserved > 10)
  const [first] = rfqs
  const [one, ...others] = first!.lines
  const lines = [{ ...one, unitPrice: '1.0000' }, ...others]
  await bed.sim('records/rfqs', { rfqId: first!.rfqId, note: 'Before', lines })
  for (const [n, rfq] of rfqs.slice(2, 5).entries()) await quote(rfq, rows[n + 1]!)
  await bed.sync('INCREMENTAL')
})
afterAll(() => bed?.[Symbol.asyncDispose]())

const change = async ({ rfqId }: Rfq, values: Values) => {
  const localId = await bed.idOf('rfqs', rfqId)
  await bed.change({ updates: [{ localId, values }] })
}
const there = async () => {
  const all = await bed.records('rfqs')
  return rfqs.map(({ rfqId }) => {
    const { note, buyer, dueAt, status, lines, reservations } = all.find((each) => each.rfqId === rfqId)!
    return { note, buyer, dueAt, status, reservations, prices: lines.map(({ unitPrice }) => unitPrice) }
  })
}
const reservedThere = async () => {
  const all = await bed.records('inventory')
  return rows.slice(0, 4).map(({ stockId }) => all.find((row) => row.stockId === stockId)!.quantityReserved)
}
const itemOf = (items: readonly ShownItem[], { rfqId }: Rfq) => {
  const { direction, action, state, reason, fields } = items.find(({ recordId }) => recordId === rfqId)!
  const changes = Object.fromEntries(fields.map(({ field, from, to }) => [field, [from, to]]))
  return { direction, action, state, reason, changes }
}
const writes = async () => (await bed.journal()).entries.filter(({ method }) => method === 'PUT')
const lettersOf = () =>
  bed.select<{ external_id: string; state: string; reason: string }>(
    sql`select external_id, state, reason from sync.dead_letters where direction = 'OUT' order by id`,
  )

const BACK = (from: string, to: string) =>
  `C3 lets no request go from ${from} to ${to}: where it stands is left as it is.`
const PRICES = 'Whatever is quoted or ordered has a price for every line: prices are left as they are.'
const OVER = 'Nothing is held for a request that is over: what was given back stays so.'

it('undoes whatever a run has written to C3, field by field, and says of what C3 does not take back why', async () => {
  const [all, quoted, lapsed, won, lost] = rfqs as [Rfq, Rfq, Rfq, Rfq, Rfq]
  const [stock, ofLapsed, , ofLost] = rows as [StockRow, StockRow, StockRow, StockRow]
  const before = await there()
  const reservedBefore = await reservedThere()
  const dueAt = '2035-05-05T05:05:05.000Z'
  const values: Values = {
    ...{ note: 'Ours', buyer: 'Somebody', dueAt, [reservedField(stock.stockId)]: 5 },
    ...{ [priceField(1)]: '2.5', [priceField(2)]: '3' },
  }
  await change(all, values)
  await change(quoted, { status: 'QUOTED', [priceField(1)]: '4', [priceField(2)]: '4' })
  await change(lapsed, { status: 'LAPSED', [reservedField(ofLapsed.stockId)]: null })
  await change(won, { status: 'ORDERED' })
  await change(lost, { status: 'LOST', [reservedField(ofLost.stockId)]: null })
  const plan = await bed.planned()
  const { run } = await bed.approve(plan)
  expect(await bed.ended(run.id)).toMatchObject({ state: 'COMPLETED', updated: 5 })
  await quiet(bed)
  const written = await there()
  expect(written.slice(0, 5).map(({ status }) => status)).toEqual([
    ...['NEW', 'QUOTED', 'LAPSED', 'ORDERED', 'LOST'],
  ])
  expect(written[0]).toMatchObject({ note: 'Ours', dueAt, prices: ['2.5000', '3.0000'] })

  const undo = await bed.plan((await bed.undo(run.id)).plan.id)
  const items = undo.items.nodes.filter(({ type }) => type === 'rfqs')
  const update = { direction: 'OUT', action: 'UPDATE', state: 'PENDING', reason: null }
  const never = { direction: 'OUT', action: 'UPDATE', state: 'IMPOSSIBLE', changes: {} }
  expect(rfqs.slice(0, 5).map((rfq) => itemOf(items, rfq))).toEqual([
    {
      ...update,
      changes: {
        ...{ note: ['Ours', 'Before'], buyer: ['Somebody', null], dueAt: [dueAt, all.dueAt] },
        ...{ [reservedField(stock.stockId)]: ['5', null] },
        ...{ [priceField(1)]: ['2.5000', '1.0000'], [priceField(2)]: ['3.0000', null] },
      },
    },
    { ...never, reason: `${BACK('QUOTED', 'NEW')} ${PRICES}` },
    {
      ...update,
      changes: { status: ['LAPSED', 'QUOTED'], [reservedField(ofLapsed.stockId)]: [null, String(HELD)] },
    },
    { ...never, reason: BACK('ORDERED', 'QUOTED') },
    { ...never, reason: `${BACK('LOST', 'QUOTED')} ${OVER}` },
  ])
  // What cannot be is not tried.
  await bed.sim('journal', undefined, 'DELETE')
  const undone = await bed.approve(undo)
  expect(await bed.ended(undone.run.id)).toMatchObject({ state: 'COMPLETED' })
  await quiet(bed)
  expect(await there()).toEqual([
    before[0],
    written[1],
    before[2],
    written[3],
    written[4],
    ...before.slice(5),
  ])
  expect(await reservedThere()).toEqual([...reservedBefore.slice(0, 3), reservedBefore[3]! - HELD])
  expect(await writes()).toHaveLength(1)
  expect(await lettersOf()).toEqual([])
  for (const rfq of rfqs.slice(0, 5)) {
    const { status, note } = await bed.there('rfqs', rfq.rfqId)
    expect(await bed.here(rfq.rfqId)).toMatchObject({ c3_status: status, note })
  }
})

it('gives back what a run has brought over as far as C3 lets it, and names what only C3 changes', async () => {
  const rfq = rfqs[5]!
  const [row] = rows.slice(-1) as [StockRow]
  await bed.sim('records/rfqs', { rfqId: rfq.rfqId, note: 'Theirs', status: 'LOST' })
  await bed.sim('records/inventory', { stockId: row.stockId, quantityAvailable: row.quantityAvailable + 7 })
  const run = await bed.sync('INCREMENTAL')
  const undo = await bed.plan((await bed.undo(run.id)).plan.id)
  expect(itemOf(undo.items.nodes, rfq)).toMatchObject({
    ...{ state: 'PENDING', action: 'UPDATE', changes: { note: ['Theirs', null] } },
    reason: BACK('LOST', 'NEW'),
  })
  expect(undo.items.nodes.find(({ recordId }) => recordId === row.stockId)).toMatchObject({
    ...{ state: 'IMPOSSIBLE', fields: [] },
    reason: 'Only the other system changes records of this kind: the record is left as it says.',
  })
  await bed.ended((await bed.approve(undo)).run.id)
  await quiet(bed)
  expect(await bed.there('rfqs', rfq.rfqId)).toMatchObject({ note: null, status: 'LOST' })
})

it('asks C3 once for what it refuses where the request stands, gives it up, and goes on once somebody mends it', async () => {
  const rfq = rfqs[1]!
  await bed.sim('journal', undefined, 'DELETE')
  await change(rfq, { [priceField(1)]: null })
  await until(async () => (await lettersOf()).length > 0)
  await quiet(bed)
  expect(await writes()).toHaveLength(1)
  expect(await lettersOf()).toMatchObject([
    { external_id: rfq.rfqId, state: 'OPEN', reason: expect.stringContaining('Not every line has a price') },
  ])
  await change(rfq, { [priceField(1)]: '5' })
  await quiet(bed)
  expect((await there())[1]).toMatchObject({ prices: ['5.0000', '4.0000'] })
  expect(await lettersOf()).toMatchObject([{ state: 'RESOLVED' }])
})
