import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type C3Bed, importedC3, reader, worker, writer } from '#test/kit/c3.ts'
import { divergencesFromC3 } from '#test/kit/c3-books.ts'
import { quiet } from '#test/kit/engine.ts'
import { until } from '#test/kit/until.ts'

let bed: C3Bed
beforeAll(async () => {
  bed = await importedC3({ companies: 20 }, [reader])
})
afterAll(() => bed?.[Symbol.asyncDispose]())

const PAGES = '/c3/(inventory|transactions)\\?'
let said = 0
/** Has C3 say something new of fifty rows, then play something, and everything read by a worker. */
const readWhile = async (play: object, rule: object = {}, tuning: Parameters<typeof worker>[1] = {}) => {
  const rows = (await bed.records('inventory')).slice(0, 50)
  said++
  for (const { stockId, location } of rows)
    await bed.sim('records/inventory', { stockId, location: `${location.slice(0, 20)}/${said}` })
  await bed.sim('journal', undefined, 'DELETE')
  await bed.sim('faults', { path: PAGES, times: 2, ...rule, play })
  await using _ = worker(bed, tuning)
  const run = await bed.sync('FULL')
  await bed.sim('faults', undefined, 'DELETE')
  return { run, entries: (await bed.journal()).entries }
}
const WELL = { state: 'COMPLETED', updated: 50, created: 0, deleted: 0, failed: 0 }

it.each([
  ['an HTML page with status 200', { do: 'html', status: 200 }],
  ['cut-off JSON', { do: 'truncate' }],
  ['a closed connection', { do: 'close' }],
])('fault 23 (c3): reads a page again after %s, and passes no row', async (_, play) => {
  expect((await readWhile(play)).run).toMatchObject(WELL)
  expect(await divergencesFromC3(bed)).toEqual([])
})

it('fault 21 (c3): gives a page up that comes byte by byte, and reads it again', async () => {
  const { run, entries } = await readWhile({ do: 'trickle' }, { times: 1 }, { c3: { deadlineMs: 300 } })
  expect(run).toMatchObject(WELL)
  expect(entries.filter(({ path }) => /\/c3\/(inventory|transactions)/.test(path)).length).toBeGreaterThan(4)
  expect(await divergencesFromC3(bed)).toEqual([])
})

it('fault 16 (c3): obeys a ban with Retry-After: no call inside it, and the run goes on after it', async () => {
  const { run, entries } = await readWhile({ do: 'ban', ms: 1_000, retryAfter: true }, { times: 1 })
  expect(run).toMatchObject(WELL)
  const kindOf = ({ path }: { path: string }) => path.split('?')[0]!
  const banned = entries.find(({ status }) => status === 429)!
  // What was under way when the ban fell may still arrive: one request of each other kind. Nothing may start after it was answered.
  const inside = entries.filter(({ refused }) => refused === 'ban').map(kindOf)
  expect([kindOf(banned), ...inside]).toEqual([...new Set([kindOf(banned), ...inside])])
  const again = entries.findLast((entry) => kindOf(entry) === kindOf(banned))!
  expect(again.at - banned.at).toBeGreaterThanOrEqual(1_000)
})

it('fault 19 (c3): keeps the run through an outage that outlasts the connector’s patience, and resumes where it was', async () => {
  const tuning = { c3: { patienceMs: 300 } }
  const outage = { do: 'status', status: 503, body: {} }
  const { run } = await readWhile(outage, { skip: 1, times: 1_000, forMs: 1_000 }, tuning)
  expect(run).toMatchObject(WELL)
  expect(await divergencesFromC3(bed)).toEqual([])
})

const change = async (values: (n: number) => Record<string, string>) => {
  const rows = await bed.select<{ id: string; c3_rfq_id: string }>(
    sql`select id, c3_rfq_id from inventory.rfqs order by id limit 3`,
  )
  await bed.change({ updates: rows.map(({ id }, n) => ({ localId: id, values: values(n) })) })
  return rows
}

it('fault 20 (c3): writes once what C3 has taken without the hub being told, and finds that out by asking', async () => {
  const before = (await bed.taken()).length
  await bed.sim('faults', { path: '/c3/rfq-updates', times: 1, play: { do: 'close', afterCommit: true } })
  const rows = await change((n) => ({ note: `Once ${n}` }))
  await using _ = writer(bed, { c3: { patienceMs: 50 } })
  await quiet(bed)
  expect((await bed.taken()).length - before).toBe(rows.length)
  expect(await divergencesFromC3(bed)).toEqual([])
  const states = await bed.select<{ state: string }>(sql`select state from sync.writes`)
  expect(states).toEqual(rows.map(() => ({ state: 'UNKNOWN' })))
})

it('fault 22 (c3): takes the good of a batch, and gives up the bad one with C3’s reason until it is put right', async () => {
  await using _ = writer(bed)
  const rows = await change((n) => ({ buyer: n === 1 ? 'B'.repeat(201) : `Buyer ${n}` }))
  await quiet(bed)
  const buyers = () => Promise.all(rows.map(async (row) => (await bed.there('rfqs', row.c3_rfq_id)).buyer))
  const [good, bad, other] = await buyers()
  expect([good, other]).toEqual(['Buyer 0', 'Buyer 2'])
  expect(bad).not.toContain('BBB')
  const letters = () =>
    bed.select<{ state: string; code: string; reason: string }>(
      sql`select external_id, direction, state, code, reason from sync.dead_letters`,
    )
  const letter = { external_id: rows[1]!.c3_rfq_id, direction: 'OUT', code: 'HUB_VENDOR_REFUSED' }
  expect(await letters()).toMatchObject([{ ...letter, state: 'OPEN' }])
  expect((await letters())[0]!.reason).toMatch(/INVALID.*200/)
  await bed.change({ updates: [{ localId: rows[1]!.id, values: { buyer: 'B. Right' } }] })
  await quiet(bed)
  expect(await buyers()).toEqual(['Buyer 0', 'B. Right', 'Buyer 2'])
  expect(await letters()).toMatchObject([{ ...letter, state: 'RESOLVED' }])
})

it('fault 18 (c3): a sync that meets a limit of hours parks until its end, and asks for nothing before', async () => {
  await bed.sim('faults', { path: PAGES, times: 1, play: { do: 'ban', ms: 3_600_000, retryAfter: true } })
  await bed.sim('journal', undefined, 'DELETE')
  const asked = bed.clock.now().getTime()
  await using _ = worker(bed)
  const id = await bed.ask('FULL')
  const parked = await until(async () => {
    const [run] = await bed.select<{ state: string; not_before: Date }>(
      sql`select state, not_before from sync.runs where id = ${id} and not_before is not null and lease_until is null`,
    )
    return run
  })
  expect(parked.state).toBe('RUNNING')
  expect(parked.not_before.getTime() - asked).toBeGreaterThan(3_500_000)
  const requests = (await bed.journal()).entries.length
  await bed.note('rfqs', ['R-1'])
  await wait(700)
  expect((await bed.journal()).entries).toHaveLength(requests)
})
