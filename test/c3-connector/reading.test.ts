import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type C3, type C3Options, openC3 } from '#connectors/c3/index.ts'
import { DEMO_API_KEY, startC3Simulator } from '#connectors/c3/simulator/index.ts'
import { CredentialRejected, VendorRefused, VendorUnavailable, vendorAnswer } from '#connectors/contract.ts'
import { memoryLimiter } from '#connectors/limiter.ts'
import { openLog } from '#kernel/log.ts'
import { controlOf, type Journal } from '#test/kit/simulator.ts'
import { fastClock } from '../hubspot-connector/fast-clock.ts'
import { gather } from '../hubspot-connector/scripted-portal.ts'

/** A C3 of 300 companies and a client of it, on one fast clock. */
const startC3 = async (options: Partial<C3Options> = {}, factor = 20) => {
  const clock = fastClock(factor)
  const simulator = await startC3Simulator({ port: 0, companies: 300, seed: 7, clock })
  const c3: C3 = openC3({
    baseUrl: simulator.url,
    apiKey: DEMO_API_KEY,
    limiter: memoryLimiter({ clock, pause: clock.pause }),
    clock,
    pause: clock.pause,
    log: openLog('test', 'silent'),
    random: () => 0.5,
    ...options,
  })
  return {
    c3,
    sim: controlOf(simulator.url),
    clock,
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  }
}

const caught = (thrown: unknown) => thrown

it('reads every stock row, request for quotation and customer once, five hundred per request', async () => {
  await using on = await startC3()
  for (const [kind, id] of [
    ['inventory', 'stockId'],
    ['rfqs', 'rfqId'],
    ['customers', 'customerId'],
  ] as const) {
    const read = await gather<object>(on.c3[kind]())
    const ids = read.map((record) => (record as Record<string, unknown>)[id])
    const { records } = await on.sim<{ records: Record<string, unknown>[] }>(`records/${kind}`)
    expect(new Set(ids)).toEqual(new Set(records.map((record) => record[id])))
    expect(ids).toHaveLength(records.length)
    expect(read).toEqual(records)
  }
  expect(on.c3.requests.total).toBe(9_000 / 500 + 2)
})

it('gives records that are what the promise in openapi.yaml requires, no more and no less', async () => {
  await using on = await startC3()
  const promise = readFileSync(new URL('../../connectors/c3/openapi.yaml', import.meta.url), 'utf8')
  const required = (schema: string) => {
    const [, list = ''] =
      new RegExp(`^    ${schema}:\\n(?:      .*\\n)*?.*required: \\[(.*)\\]`, 'm').exec(promise) ?? []
    return list.split(', ')
  }
  for (const [kind, schema] of [
    ['inventory', 'StockRow'],
    ['rfqs', 'Rfq'],
    ['customers', 'Customer'],
  ] as const) {
    const [record] = await gather<object>(on.c3[kind]())
    expect(Object.keys(record!).sort()).toEqual([...required(schema), ...required('Versioned')].sort())
  }
  const [rfq] = await gather(on.c3.rfqs())
  expect(Object.keys(rfq!.lines[0]!).sort()).toEqual(required('RfqLine').sort())
})

it('reads what changed since an instant, deletions and new records included, with rising versions', async () => {
  await using on = await startC3()
  const [first, second] = await gather(on.c3.inventory())
  const since = on.clock.now()
  await on.sim('records/inventory', { stockId: first!.stockId, quantityAvailable: 1_234 })
  await on.sim('records/inventory', { stockId: second!.stockId, deleted: true })
  await on.sim('records/inventory', { stockId: 'S-NEW', partNumber: 'STM32F429ZIT6', quantityAvailable: 5 })
  const changed = await gather(on.c3.inventory({ updatedSince: since }))
  expect(changed.map(({ stockId, version, deleted }) => [stockId, version, deleted])).toEqual([
    [first!.stockId, 2, false],
    [second!.stockId, 2, true],
    ['S-NEW', 1, false],
  ])
  expect(changed[0]!.quantityAvailable).toBe(1_234)
  const all = await gather(on.c3.inventory())
  expect(all.map((row) => row.stockId)).not.toContain(second!.stockId)
})

it('goes on after any page, also when a record read before has changed meanwhile', async () => {
  await using on = await startC3()
  const read: string[] = []
  let next: string | undefined
  for await (const page of on.c3.rfqs({ limit: 50 })) {
    read.push(...page.records.map((rfq) => rfq.rfqId))
    next = page.next
    break
  }
  await on.sim('records/rfqs', { rfqId: read[0], status: 'ORDERED' })
  const rest = await gather(on.c3.rfqs({ limit: 50, after: next }))
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
  const rfqId = (await gather(on.c3.rfqs()))[0]!.rfqId
  const since = on.clock.now()
  await on.sim('records/rfqs', { rfqId, lines })
  expect((await gather(on.c3.rfqs({ updatedSince: since })))[0]!.total).toBe('700.3007')
  await on.sim('records/rfqs', { rfqId, lines: [lines[0], { ...lines[1], unitPrice: null }] })
  expect((await gather(on.c3.rfqs({ updatedSince: since })))[0]!.total).toBeNull()
})

it('fault 16: waits out a ban of C3, with no call inside it', async () => {
  await using on = await startC3({}, 5)
  await gather(on.c3.customers())
  await on.sim('faults', { nth: 2, play: { do: 'ban', ms: 10_000, retryAfter: true } })
  expect(await gather(on.c3.inventory())).toHaveLength(9_000)
  const { entries } = await on.sim<Journal>('journal')
  expect(entries.filter((entry) => entry.refused === 'ban')).toEqual([])
  const banned = entries.findIndex((entry) => entry.status === 429)
  const waited = entries[banned + 1]!.at - entries[banned]!.at
  expect(waited).toBeGreaterThanOrEqual(10_000)
  expect(waited).toBeLessThan(11_000)
})

it('stays below C3’s limit', async () => {
  const clock = fastClock(4)
  const limiter = memoryLimiter({
    clock,
    pause: clock.pause,
    marginMs: 500,
    limits: { requests: { max: 10, intervalMs: 2_000 } },
  })
  await using on = await startC3({ limiter, clock, pause: clock.pause })
  await on.sim('limits', { requests: { max: 10, windowMs: 2_000 } })
  await gather(on.c3.inventory({ limit: 300 }))
  const { entries } = await on.sim<Journal>('journal')
  expect(entries.map((entry) => entry.status)).toEqual(Array(30).fill(200))
})

it('waits as long as C3 says when it did not know the limit', async () => {
  await using on = await startC3()
  await on.sim('limits', { requests: { max: 4, windowMs: 2_000 } })
  expect(await gather(on.c3.inventory())).toHaveLength(9_000)
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
])('fault 23: reads on after %s, and passes no unread rows', async (_, play) => {
  await using on = await startC3()
  await on.sim('faults', { skip: 1, times: 2, play })
  const rows = await gather(on.c3.inventory())
  expect(new Set(rows.map((row) => row.stockId)).size).toBe(9_000)
  expect(on.c3.requests).toEqual({ total: 20, retries: 2 })
})

it('fault 21: gives a trickling answer up at its deadline', async () => {
  await using on = await startC3({ deadlineMs: 100, patienceMs: 100 })
  await on.sim('faults', { times: 1, play: { do: 'trickle' } })
  const began = performance.now()
  await expect(gather(on.c3.customers())).rejects.toMatchObject({ code: VendorUnavailable.code })
  // Without a deadline of its own it would wait for ten seconds and more.
  expect(performance.now() - began).toBeLessThan(5_000)
})

it('names the permission that a key lacks, and stops at once when the key is unknown', async () => {
  await using on = await startC3()
  await on.sim('faults', { missing: ['rfqs'] })
  const lacking = await gather(on.c3.rfqs()).catch(caught)
  expect(CredentialRejected.is(lacking) && lacking.message).toContain('rfqs:read')
  expect(vendorAnswer(lacking)?.scopes).toEqual(['rfqs:read'])
  await on.sim('faults', { revoked: true })
  await expect(gather(on.c3.customers())).rejects.toMatchObject({ code: CredentialRejected.code })
  expect(on.c3.requests.total).toBe(2)
})

it('refuses a cursor that C3 never gave, without asking twice', async () => {
  await using on = await startC3()
  await expect(gather(on.c3.rfqs({ after: 'nonsense' }))).rejects.toMatchObject({ code: VendorRefused.code })
  expect(on.c3.requests.total).toBe(1)
})

it('keeps which accounts are the same business to itself', async () => {
  await using on = await startC3()
  const { truths } = await on.sim<{ truths: { c3CustomerId: string; hubspotId: string | null }[] }>('truth')
  const customers = await gather(on.c3.customers())
  expect(truths.map((truth) => truth.c3CustomerId).sort()).toEqual(
    customers.map((each) => each.customerId).sort(),
  )
  expect(truths.filter((truth) => truth.hubspotId === null).length).toBeGreaterThan(0)
  expect(JSON.stringify(customers)).not.toContain('hubspot')
})
