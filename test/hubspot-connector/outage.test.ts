import { expect, it } from 'vitest'
import { openCaller } from '#connectors/caller.ts'
import { openCircuit } from '#connectors/circuit.ts'
import { VendorBusy, VendorRefused, VendorUnavailable, vendorAnswer } from '#connectors/contract.ts'
import { memoryLimiter } from '#connectors/limiter.ts'
import { TestClock } from '#kernel/clock.ts'
import { openLog } from '#kernel/log.ts'
import { until } from '#test/kit/until.ts'
import { crmRecord, gather, numbers, scriptedPortal, trickling } from './scripted-portal.ts'
import { steppedClock } from './stepped-clock.ts'

const account = { portalId: 33, timeZone: 'UTC' }
const contacts = { results: numbers(3).map((id) => crmRecord(id)) }

it('fault 19: five minutes of 5xx see fewer than ten failures before the circuit opens, single probes after, and an unaided recovery', async () => {
  const clock = steppedClock()
  let began: number | undefined
  const statuses = [500, 502, 503, 504]
  let call = 0
  await using portal = await scriptedPortal(
    ({ at }) =>
      began !== undefined && at - began < 300_000
        ? { status: statuses[call++ % 4]!, body: { status: 'error', message: 'trouble' } }
        : { body: { ...account, ...contacts } },
    clock,
  )
  const client = portal.open({ patienceMs: 900_000 })
  await Promise.all(numbers(6).map(() => client.account()))
  const from = clock.now().getTime()
  began = from
  const all = await Promise.all(numbers(12).map(() => gather(client.list('contacts'))))
  expect(all.every((records) => records.length === 3)).toBe(true)
  const failed = portal.heard
    .filter((each) => each.at > from && each.at < from + 300_000)
    .map((each) => each.at)
  // Cool-downs double to half a minute: a dozen probes and not thousands.
  expect(failed.length).toBeLessThan(25)
  const gaps = failed.slice(1).map((at, i) => at - failed[i]!)
  // Calls that were under way when it opened come close together; after them nothing but probes.
  const lastOfBurst = gaps.findLastIndex((gap) => gap < 1_000)
  expect(lastOfBurst + 2).toBeLessThan(10)
  expect(gaps.at(-1)).toBeGreaterThanOrEqual(25_000)
})

it('sends one probe and not the whole queue when the circuit opened while callers waited for their place', async () => {
  const clock = steppedClock()
  const limiter = memoryLimiter({
    clock,
    pause: clock.pause,
    limits: { burst: { max: 4, intervalMs: 4_000 } },
  })
  await using portal = await scriptedPortal(() => ({ status: 503, body: 'down' }), clock)
  const client = portal.open({ limiter, patienceMs: 7_000 })
  const outcomes = await Promise.allSettled(numbers(12).map(() => client.account()))
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  const from = portal.heard[0]!.at
  const later = portal.heard.filter((each) => each.at - from > 3_000 && each.at - from < 5_000)
  expect(later).toHaveLength(1)
})

it('gives up after its patience with an error that says when to come back, and the next caller finds the circuit open', async () => {
  const clock = steppedClock()
  await using portal = await scriptedPortal(() => ({ status: 503, body: 'down' }), clock)
  const client = portal.open({ patienceMs: 20_000 })
  const error = await client.account().catch((thrown: unknown) => thrown)
  expect(VendorUnavailable.is(error) && error.retry).toBe('later')
  expect(VendorUnavailable.is(error) && error.after?.getTime()).toBeGreaterThan(portal.heard[0]!.at)
  expect(portal.heard.length).toBeLessThan(12)
})

it('fault 21: a body that trickles is aborted at the deadline, and its slot is free again', async () => {
  const { seen, script } = trickling(50)
  const order: string[] = []
  await using portal = await scriptedPortal((heard, response) => {
    order.push(heard.path)
    return heard.path.includes('pipelines') ? { body: { results: [] } } : script(heard, response)
  })
  // Nobody’s patience ends while this clock stands: only the deadline of the one request can end the wait.
  const clock = new TestClock('2026-11-20T12:00:00Z')
  const circuit = openCircuit({ clock, random: () => 0.5, maxInFlight: 1 })
  const waits: number[] = []
  const pause = async (ms: number) => void waits.push(ms)
  const around = { patienceMs: 100, circuit, clock, pause }
  const client = portal.open({ ...around, deadlineMs: 500 })
  const slow = client.account().catch((thrown: unknown) => {
    order.push('given up')
    return thrown
  })
  const next = portal.open(around).pipelines('deals')
  const error = await slow
  expect(VendorUnavailable.is(error) && error.after).toEqual(new Date(clock.now().getTime() + 100))
  expect(vendorAnswer(error)?.message).toBe('no whole answer within 500 ms')
  expect(await next).toEqual([])
  await until(() => seen.gone === 1)
  // One try, told to be over before the next call began, and aborted by us: in its own time it would trickle for ever.
  expect(order).toEqual(['/account-info/v3/details', 'given up', '/crm/v3/pipelines/deals'])
  expect(waits).toEqual([])
  expect(seen.pieces).toBeLessThan(2 * (500 / 50))
})

it('gives up an answer that is larger than any page can be', async () => {
  await using portal = await scriptedPortal((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const chunk = Buffer.alloc(1024 * 1024, 32)
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
    return undefined
  })
  const client = portal.open({ patienceMs: 100 })
  const error = await client.account().catch((thrown: unknown) => thrown)
  expect(vendorAnswer(error)?.message).toMatch(/larger than/)
})

it.each([
  [
    'an HTML page with status 200',
    { headers: { 'content-type': 'text/html' }, body: '<html>sign in</html>' },
  ],
  ['an HTML page called JSON', { body: '<html>sign in</html>' }],
  ['cut-off JSON', { body: '{"results":[{"id":"1","prop' }],
  ['a page whose records have no id', { body: { results: [{ properties: {} }] } }],
  ['a page without records', { body: { paging: {} } }],
  ['an empty 5xx', { status: 502, body: '' }],
])('fault 23: %s is asked again, and no cursor passes unread rows', async (_, lie) => {
  let told = 0
  await using portal = await scriptedPortal(({ query }) => {
    const after = Number(query.get('after') ?? 0)
    if (after === 2 && told++ < 2) return lie
    const results = [crmRecord(after + 1), crmRecord(after + 2)]
    return { body: after < 4 ? { results, paging: { next: { after: String(after + 2) } } } : { results } }
  }, steppedClock())
  const client = portal.open()
  const ids = (await gather(client.list('contacts'))).map((record) => record.id)
  expect(ids).toEqual(['1', '2', '3', '4', '5', '6'])
  expect(portal.heard.map((each) => each.query.get('after'))).toEqual([null, '2', '2', '2', '4'])
  expect(client.requests).toMatchObject({ total: 5, list: 5, retries: 2 })
})

it('recovers from connections that are cut before and within an answer', async () => {
  let cuts = 0
  await using portal = await scriptedPortal((_, response) => {
    cuts += 1
    if (cuts === 1) response.socket?.destroy()
    else if (cuts === 2) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '400' })
      response.write('{"portalId":', () => response.socket?.destroy())
    } else return { body: account }
    return undefined
  }, steppedClock())
  expect((await portal.open().account()).portalId).toBe('33')
})

it('never repeats a write whose outcome is unknown, and repeats one that was refused for a limit', async () => {
  const clock = steppedClock()
  const sent: string[] = []
  const call = openCaller({
    vendor: 'HubSpot',
    limiter: memoryLimiter({ clock, pause: clock.pause }),
    clock,
    pause: clock.pause,
    log: openLog('test', 'silent'),
    random: () => 0.5,
    buckets: ['burst'],
    circuit: openCircuit({ clock, random: () => 0.5, pause: clock.pause }),
    patienceMs: 60_000,
    interactive: false,
  })
  const lost = call({
    bucket: 'burst',
    write: true,
    send: async () => {
      sent.push('lost')
      throw VendorUnavailable.with({ vendor: 'HubSpot' })
    },
  })
  await expect(lost).rejects.toMatchObject({ code: VendorUnavailable.code })
  await call({
    bucket: 'burst',
    write: true,
    send: async () => {
      sent.push('busy')
      if (sent.length === 2) throw VendorBusy.with({ vendor: 'HubSpot' })
    },
  })
  expect(sent).toEqual(['lost', 'busy', 'busy'])
})

it('does not follow a redirect, which would carry the token away, and does not repeat a refusal', async () => {
  await using portal = await scriptedPortal(({ path }) =>
    path.includes('pipelines')
      ? { status: 400, body: { category: 'VALIDATION_ERROR', message: 'no such type' } }
      : { status: 302, headers: { location: '/elsewhere' } },
  )
  await expect(portal.open({ patienceMs: 10 }).account()).rejects.toMatchObject({
    code: VendorUnavailable.code,
  })
  const error = await portal
    .open()
    .pipelines('nothing')
    .catch((thrown: unknown) => thrown)
  expect(VendorRefused.is(error) && error.message).toContain('VALIDATION_ERROR')
  const paths = portal.heard.map((each) => each.path)
  expect(paths).not.toContain('/elsewhere')
  expect(paths.filter((path) => path.includes('pipelines'))).toHaveLength(1)
})

it('stops at once when it is told to, with the reason it was given', async () => {
  const stop = new AbortController()
  await using portal = await scriptedPortal(() => {
    stop.abort(new Error('cancelled by a person'))
    return undefined
  })
  await expect(portal.open({ signal: stop.signal }).account()).rejects.toThrow('cancelled by a person')
})
