import { expect, it } from 'vitest'
import { ID_FIELDS, type Kind } from '#connectors/c3/index.ts'
import { CredentialRejected, VendorRefused, VendorUnavailable, vendorAnswer } from '#connectors/contract.ts'
import { memoryLimiter } from '#connectors/limiter.ts'
import { TestClock } from '#kernel/clock.ts'
import type { Journal } from '#test/kit/simulator.ts'
import { until } from '#test/kit/until.ts'
import { gather, scriptedPortal, trickling } from '../hubspot-connector/scripted-portal.ts'
import { steppedClock } from '../hubspot-connector/stepped-clock.ts'
import { clientOf, startC3 } from './bed.ts'

const caught = (thrown: unknown) => thrown

it('reads every record of every kind once, five hundred per request', async () => {
  await using on = await startC3()
  let pages = 0
  for (const [kind, id] of Object.entries(ID_FIELDS) as [Kind, string][]) {
    const read = await gather<object>(on.c3.list(kind))
    const ids = read.map((record) => (record as Record<string, unknown>)[id])
    const { records } = await on.sim<{ records: Record<string, unknown>[] }>(`records/${kind}`)
    expect(new Set(ids)).toEqual(new Set(records.map((record) => record[id])))
    expect(ids).toHaveLength(records.length)
    expect(read).toEqual(records)
    pages += Math.ceil(records.length / 500)
  }
  expect(on.c3.requests.total).toBe(pages)
})

it('reads the records with given ids in one request, deleted ones too, and leaves out whom C3 does not know', async () => {
  await using on = await startC3()
  const [first, second] = await gather(on.c3.list('suppliers'))
  await on.sim('records/suppliers', { supplierId: second!.supplierId, deleted: true })
  const read = await on.c3.read('suppliers', [second!.supplierId, 'V-NOBODY', first!.supplierId])
  expect(read.map(({ supplierId, deleted }) => [supplierId, deleted])).toEqual([
    [second!.supplierId, true],
    [first!.supplierId, false],
  ])
  expect(await on.c3.read('rfqs', [])).toEqual([])
  expect(on.c3.requests.total).toBe(2)
})

it('reads what changed since an instant, deletions and new records included, with rising versions', async () => {
  await using on = await startC3()
  const [first, second] = await gather(on.c3.list('inventory'))
  const since = on.clock.now()
  await on.sim('records/inventory', { stockId: first!.stockId, quantityAvailable: 1_234 })
  await on.clock.pause(1)
  await on.sim('records/inventory', { stockId: second!.stockId, deleted: true })
  await on.clock.pause(1)
  await on.sim('records/inventory', { stockId: 'S-NEW', partNumber: 'STM32F429ZIT6', quantityAvailable: 5 })
  const changed = await gather(on.c3.list('inventory', { updatedSince: since }))
  expect(changed.map(({ stockId, version, deleted }) => [stockId, version, deleted])).toEqual([
    [first!.stockId, 2, false],
    [second!.stockId, 2, true],
    ['S-NEW', 1, false],
  ])
  expect(changed[0]!.quantityAvailable).toBe(1_234)
  const all = await gather(on.c3.list('inventory'))
  expect(all.map((row) => row.stockId)).not.toContain(second!.stockId)
})

it('goes on after any page, also when a record read before has changed meanwhile', async () => {
  await using on = await startC3()
  const read: string[] = []
  let next: string | undefined
  for await (const page of on.c3.list('rfqs', { limit: 50 })) {
    read.push(...page.records.map((rfq) => rfq.rfqId))
    next = page.next
    break
  }
  await on.sim('records/rfqs', { rfqId: read[0], status: 'ORDERED' })
  const rest = await gather(on.c3.list('rfqs', { limit: 50, after: next }))
  const { count } = await on.sim<{ count: number }>('records/rfqs')
  expect(new Set([...read, ...rest.map((rfq) => rfq.rfqId)]).size).toBe(count)
  expect(rest.at(-1)).toMatchObject({ rfqId: read[0], status: 'ORDERED', version: 2 })
})

it('prices a request for quotation exactly, and not before every line is quoted', async () => {
  await using on = await startC3()
  const lines = [
    { line: 1, partNumber: 'A', manufacturer: 'M', quantity: 3, targetPrice: null, unitPrice: '0.1000' },
    {
      line: 2,
      partNumber: 'B',
      manufacturer: 'M',
      quantity: 1_000_001,
      targetPrice: null,
      unitPrice: '0.0007',
    },
  ]
  const rfqId = (await gather(on.c3.list('rfqs')))[0]!.rfqId
  const since = on.clock.now()
  await on.sim('records/rfqs', { rfqId, lines })
  expect((await gather(on.c3.list('rfqs', { updatedSince: since })))[0]!.total).toBe('700.3007')
  await on.sim('records/rfqs', { rfqId, lines: [lines[0], { ...lines[1], unitPrice: null }] })
  expect((await gather(on.c3.list('rfqs', { updatedSince: since })))[0]!.total).toBeNull()
})

it('fault 16 (c3): waits out a ban of C3, with no call inside it', async () => {
  await using on = await startC3()
  await gather(on.c3.list('customers'))
  await on.sim('faults', { nth: 2, play: { do: 'ban', ms: 10_000, retryAfter: true } })
  expect(await gather(on.c3.list('inventory'))).toHaveLength(1_800)
  const { entries } = await on.sim<Journal>('journal')
  expect(entries.filter((entry) => entry.refused === 'ban')).toEqual([])
  const banned = entries.findIndex((entry) => entry.status === 429)
  const waited = entries[banned + 1]!.at - entries[banned]!.at
  expect(waited).toBeGreaterThanOrEqual(10_000)
  expect(waited).toBeLessThan(11_000)
})

it('fault 17 (c3): probes a limit without Retry-After at most once a second, ever more slowly, and goes on by itself', async () => {
  await using on = await startC3()
  await on.sim('faults', { times: 1, play: { do: 'ban', ms: 16_000 } })
  expect(await gather(on.c3.list('customers'))).not.toEqual([])
  const { entries } = await on.sim<Journal>('journal')
  const probes = entries.filter(({ status }) => status === 429).map(({ at }) => at)
  const gaps = probes.slice(1).map((at, n) => at - probes[n]!)
  expect(probes.length).toBeGreaterThan(2)
  expect(probes.length).toBeLessThan(8)
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000)
  expect(gaps.at(-1)).toBeGreaterThan(gaps[0]! * 2)
})

it('stays below C3’s limit', async () => {
  const clock = steppedClock()
  const limiter = memoryLimiter({
    clock,
    pause: clock.pause,
    marginMs: 500,
    limits: { requests: { max: 10, intervalMs: 2_000 } },
  })
  await using on = await startC3({ limiter, clock })
  await on.sim('limits', { requests: { max: 10, windowMs: 2_000 } })
  await gather(on.c3.list('inventory', { limit: 60 }))
  const { entries } = await on.sim<Journal>('journal')
  expect(entries.map((entry) => entry.status)).toEqual(Array(30).fill(200))
})

it('waits as long as C3 says when it did not know the limit', async () => {
  await using on = await startC3()
  await on.sim('limits', { requests: { max: 4, windowMs: 6_000 } })
  expect(await gather(on.c3.list('inventory', { limit: 100 }))).toHaveLength(1_800)
  const { entries } = await on.sim<Journal>('journal')
  const refused = entries.filter((entry) => entry.refused === 'requests').length
  expect(refused).toBeGreaterThan(0)
  // Every refusal says for how long; asking on would have been refused again and again.
  expect(refused).toBeLessThanOrEqual(10)
})

it.each([
  ['truncated JSON', { do: 'truncate' }],
  ['a captive portal', { do: 'html', status: 200 }],
  ['a proxy’s error page', { do: 'html' }],
  ['a closed connection', { do: 'close' }],
  ['500', { do: 'status', status: 500, body: { error: { code: 'INTERNAL', message: '', requestId: '1' } } }],
])('fault 23 (c3): reads on after %s, and passes no unread rows', async (_, play) => {
  await using on = await startC3()
  await on.sim('faults', { skip: 1, times: 2, play })
  const rows = await gather(on.c3.list('inventory'))
  expect(new Set(rows.map((row) => row.stockId)).size).toBe(1_800)
  expect(on.c3.requests).toEqual({ total: 6, retries: 2 })
})

it('fault 21 (c3): gives a trickling answer up at its deadline', async () => {
  const { seen, script } = trickling(50)
  await using portal = await scriptedPortal(script)
  // Its patience is less than the rest before another try: there is one, and its own deadline ends it.
  const clock = new TestClock('2026-11-20T12:00:00Z')
  const waits: number[] = []
  const pause = async (ms: number) => void waits.push(ms)
  const c3 = clientOf(portal.url, clock, pause, { deadlineMs: 500, patienceMs: 100 })
  const error = await gather(c3.list('customers')).catch(caught)
  expect(VendorUnavailable.is(error) && error.after).toEqual(new Date(clock.now().getTime() + 100))
  expect(vendorAnswer(error)?.message).toBe('no whole answer within 500 ms')
  expect(c3.requests).toEqual({ total: 1, retries: 0 })
  expect(waits).toEqual([])
  await until(() => seen.gone === 1)
  expect(seen.pieces).toBeLessThan(2 * (500 / 50))
})

it('names the permission that a key lacks, and stops at once when the key is unknown', async () => {
  await using on = await startC3()
  await on.sim('faults', { missing: ['rfqs:read'] })
  const lacking = await gather(on.c3.list('rfqs')).catch(caught)
  expect(CredentialRejected.is(lacking) && lacking.message).toContain('rfqs:read')
  expect(vendorAnswer(lacking)?.scopes).toEqual(['rfqs:read'])
  await on.sim('faults', { revoked: true })
  await expect(gather(on.c3.list('customers'))).rejects.toMatchObject({ code: CredentialRejected.code })
  expect(on.c3.requests.total).toBe(2)
})

it('refuses a cursor that C3 never gave, without asking twice', async () => {
  await using on = await startC3()
  await expect(gather(on.c3.list('rfqs', { after: 'nonsense' }))).rejects.toMatchObject({
    code: VendorRefused.code,
  })
  expect(on.c3.requests.total).toBe(1)
})

it('keeps which accounts are the same business to itself', async () => {
  await using on = await startC3()
  const { truths } = await on.sim<{ truths: { c3CustomerId: string; hubspotId: string | null }[] }>('truth')
  const customers = await gather(on.c3.list('customers'))
  expect(truths.map((truth) => truth.c3CustomerId).sort()).toEqual(
    customers.map((each) => each.customerId).sort(),
  )
  expect(truths.filter((truth) => truth.hubspotId === null).length).toBeGreaterThan(0)
  expect(JSON.stringify(customers)).not.toContain('hubspot')
})
