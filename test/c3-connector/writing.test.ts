import { expect, it } from 'vitest'
import type { Rfq, StockRow } from '#connectors/c3/index.ts'
import { CredentialRejected, VendorRefused } from '#connectors/contract.ts'
import type { Journal } from '#test/kit/simulator.ts'
import { gather } from '../hubspot-connector/scripted-portal.ts'
import { startC3 } from './bed.ts'
import { alert, alternative, pricing, stockAdvice } from './items.ts'

type There = Awaited<ReturnType<typeof startC3>>

const inState = async ({ c3 }: There, wanted: Rfq['status']): Promise<Rfq> =>
  (await gather(c3.list('rfqs'))).find(({ status }) => status === wanted)!
const rfqOf = async ({ c3 }: There, id: string): Promise<Rfq> => (await c3.read('rfqs', [id]))[0]!
const stockOf = async ({ c3 }: There, id: string): Promise<StockRow> => (await c3.read('inventory', [id]))[0]!
const outcomes = (results: readonly { outcome: string; code: string | null }[]) =>
  results.map(({ outcome, code }) => code ?? outcome)

it('proposes prices, other parts and stock levels and warns of suppliers, a hundred in one request', async () => {
  await using on = await startC3()
  const rfq = await inState(on, 'NEW')
  const many = Array.from({ length: 99 }, (_, i) => pricing(rfq, `price ${i}`))
  const [supplier] = await gather(on.c3.list('suppliers'))
  const before = on.c3.requests.total
  const results = await on.c3.write('price-recommendations', [...many, alternative(rfq)])
  await on.c3.write('supplier-alerts', [alert(supplier!)])
  await on.c3.write('inventory-recommendations', [stockAdvice])
  expect(on.c3.requests.total - before).toBe(3)
  expect(new Set(outcomes(results))).toEqual(new Set(['DONE']))
  const kept = async (what: string) => (await on.sim<{ records: unknown[] }>(`records/${what}`)).records
  expect(await kept('price-recommendations')).toEqual([...many, alternative(rfq)])
  expect(await kept('supplier-alerts')).toEqual([alert(supplier!)])
  expect(await kept('inventory-recommendations')).toEqual([stockAdvice])
  await expect(on.c3.write('inventory-recommendations', Array(101).fill(stockAdvice))).rejects.toMatchObject({
    code: VendorRefused.code,
  })
})

it.each([
  ['the answer is lost', { do: 'close', afterCommit: true }],
  ['the answer is cut off', { do: 'truncate' }],
  ['a proxy says 502', { do: 'html', afterCommit: true }],
  ['C3 says 500', { do: 'status', status: 500, afterCommit: true }],
])('fault 20 (c3): writes once what is sent again because %s', async (_, play) => {
  await using on = await startC3()
  const rfq = await inState(on, 'NEW')
  await on.sim('faults', { times: 1, path: '/c3/rfq-updates', play })
  const results = await on.c3.write('rfq-updates', [{ key: 'once', rfqId: rfq.rfqId, note: 'Call first' }])
  expect(outcomes(results)).toEqual(['UNCHANGED'])
  expect(await rfqOf(on, rfq.rfqId)).toMatchObject({ note: 'Call first', version: rfq.version + 1 })
  expect(on.c3.requests.retries).toBe(1)
})

it('fault 22 (c3): judges items one by one, and does the good ones of a batch', async () => {
  await using on = await startC3()
  const rfq = await inState(on, 'NEW')
  const { rfqId } = rfq
  const results = await on.c3.write('rfq-updates', [
    { key: 'a', rfqId, note: 'Good' },
    { key: 'b', rfqId: 'R-0', note: 'Nobody' },
    { key: 'c', rfqId, lines: [{ line: 999, unitPrice: '1.0000' }] },
    { key: 'a', rfqId, note: 'Something else' },
    { key: 'd', rfqId, status: 'ORDERED' },
    { key: 'e', rfqId, dueAt: 'tomorrow' },
    { key: 'a', rfqId, note: 'Good' },
  ])
  expect(outcomes(results)).toEqual([
    'DONE',
    'NOT_FOUND',
    'INVALID',
    'KEY_REUSED',
    'STATUS_NOT_ALLOWED',
    'INVALID',
    'UNCHANGED',
  ])
  expect(await rfqOf(on, rfqId)).toMatchObject({ note: 'Good', status: 'NEW', version: rfq.version + 1 })
})

it('refuses as STALE what was decided on another version, and says which one it has', async () => {
  await using on = await startC3()
  const { rfqId, version } = await inState(on, 'NEW')
  await on.sim('records/rfqs', { rfqId, buyer: 'Somebody of C3' })
  const [stale] = await on.c3.write('rfq-updates', [{ key: 's', rfqId, baseVersion: version, buyer: 'We' }])
  expect(stale).toMatchObject({ outcome: 'REFUSED', code: 'STALE', version: version + 1 })
  const [done] = await on.c3.write('rfq-updates', [
    { key: 't', rfqId, baseVersion: version + 1, buyer: 'We' },
  ])
  expect(done).toMatchObject({ outcome: 'DONE', version: version + 2 })
  expect((await rfqOf(on, rfqId)).buyer).toBe('We')
})

it('takes a request from its prices to the order, with a quote number and an exact total', async () => {
  await using on = await startC3()
  const { rfqId, lines } = await inState(on, 'NEW')
  const update = (key: string, changes: object) => on.c3.write('rfq-updates', [{ key, rfqId, ...changes }])
  expect(outcomes(await update('early', { status: 'QUOTED' }))).toEqual(['STATUS_NOT_ALLOWED'])
  const priced = lines.map(({ line }) => ({ line, unitPrice: '0.1000' }))
  expect(outcomes(await update('quote', { status: 'QUOTED', lines: priced }))).toEqual(['DONE'])
  const pieces = lines.reduce((all, { quantity }) => all + quantity, 0)
  expect(await rfqOf(on, rfqId)).toMatchObject({
    status: 'QUOTED',
    quoteId: expect.stringMatching(/^Q-\d+$/),
    total: `${Math.floor(pieces / 10)}.${pieces % 10}000`,
  })
  expect(outcomes(await update('win', { status: 'ORDERED' }))).toEqual(['DONE'])
  expect(outcomes(await update('lose', { status: 'LOST' }))).toEqual(['STATUS_NOT_ALLOWED'])
})

it('holds stock for a request, never more than there is, and gives it back with the request', async () => {
  await using on = await startC3()
  const { rfqId } = await inState(on, 'NEW')
  const row = (await gather(on.c3.list('inventory'))).find(
    (each) => each.quantityAvailable - each.quantityReserved > 100,
  )!
  const { stockId, quantityAvailable, quantityReserved } = row
  const hold = (key: string, quantity: number) =>
    on.c3.write('rfq-updates', [{ key, rfqId, reservations: [{ stockId, quantity }] }])
  const free = quantityAvailable - quantityReserved
  expect(outcomes(await hold('too much', free + 1))).toEqual(['NOT_ENOUGH_STOCK'])
  expect(outcomes(await hold('all', free))).toEqual(['DONE'])
  expect(await stockOf(on, stockId)).toMatchObject({ quantityReserved: quantityAvailable, version: 2 })
  expect(outcomes(await hold('less', 10))).toEqual(['DONE'])
  expect((await stockOf(on, stockId)).quantityReserved).toBe(quantityReserved + 10)
  expect((await rfqOf(on, rfqId)).reservations).toEqual([{ stockId, quantity: 10 }])
  await on.c3.write('rfq-updates', [{ key: 'lost', rfqId, status: 'LOST' }])
  expect((await stockOf(on, stockId)).quantityReserved).toBe(quantityReserved)
  expect((await rfqOf(on, rfqId)).reservations).toEqual([])
})

it('changes nothing, and no version, when everything is as it is', async () => {
  await using on = await startC3()
  const { rfqId, version, buyer } = await inState(on, 'NEW')
  await on.c3.write('rfq-updates', [{ key: 'same', rfqId, buyer }])
  expect((await rfqOf(on, rfqId)).version).toBe(version)
})

it('names the permission that a key lacks for writing, and sends nothing twice for it', async () => {
  await using on = await startC3()
  await on.sim('faults', { missing: ['rfq-updates:write'] })
  expect((await on.c3.account()).permissions).not.toContain('rfq-updates:write')
  const refused = await on.c3
    .write('rfq-updates', [{ key: 'k', rfqId: 'R-50000', note: 'x' }])
    .catch((error: unknown) => error)
  expect(CredentialRejected.is(refused) && refused.message).toContain('rfq-updates:write')
  const { entries } = await on.sim<Journal>('journal?path=/c3/rfq-updates')
  expect(entries).toHaveLength(1)
})
