import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { KINDS } from '#subgraphs/inventory/domain/kinds.ts'
import { type C3Bed, c3Bed, importedC3, ORG, worker, writer } from '#test/kit/c3.ts'
import { divergencesFromC3 } from '#test/kit/c3-books.ts'
import { quiet } from '#test/kit/engine.ts'
import { until } from '#test/kit/until.ts'

/** How often the worker is killed; each time at another point of whatever it is doing then. */
const KILLS = 2
const PROGRAM = fileURLToPath(new URL('../kit/c3-process.ts', import.meta.url))

const started = async (bed: C3Bed, which: 'worker' | 'writer'): Promise<ChildProcess> => {
  const child = spawn(process.execPath, [PROGRAM, which, JSON.stringify(bed.test.urls)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout!, 'data')
  return child
}
const kill = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGKILL')
  await once(child, 'exit')
}
/** What was told of requests for prices. */
const told = (bed: C3Bed) =>
  bed.select<{ id: string }>(
    sql`select payload ->> 'rfqId' as id from events.recorded where name = 'inventory.rfq.changed'`,
  )

it(`fault 1 (c3): a run survives ${KILLS} kill -9 of its worker: at most a page per kind read again, nothing lost, nothing double`, async () => {
  await using bed = await c3Bed({ companies: 60 })
  const id = await bed.ask('FULL')
  const done = async () => (await bed.progress(id))?.done ?? 0
  for (let n = 1; n <= KILLS; n++) {
    const before = await done()
    // Of some ten pages both children together read seven at the most: every kill meets pages under way.
    await bed.sim('faults', { path: '/c3/', skip: 3 + Math.floor(Math.random() * 2), play: { do: 'hold' } })
    const child = await started(bed, 'worker')
    // Dies some pages further, in the middle of whatever it is doing then.
    await until(async () => (await done()) > before)
    await wait(Math.random() * 150)
    await kill(child)
    expect(await bed.progress(id)).toMatchObject({ state: 'RUNNING' })
    await bed.sim('faults', undefined, 'DELETE')
    await bed.lapse()
  }
  await using _ = worker(bed)
  const run = await bed.ended(id)
  expect(run).toMatchObject({ state: 'COMPLETED', created: run.done, updated: 0, failed: 0 })
  expect(await divergencesFromC3(bed)).toEqual([])
  const reads = Map.groupBy((await bed.journal()).entries, ({ path }) => path.split('?')[0]!)
  for (const kind of KINDS) {
    const pages = Math.max(1, Math.ceil((await bed.records(kind)).length / 500))
    expect((reads.get(`/c3/${kind}`) ?? []).length - pages).toBeLessThanOrEqual(KILLS)
  }
  // One event per request, none twice.
  const ids = (await told(bed)).map((each) => each.id)
  expect(ids).toHaveLength((await bed.records('rfqs')).length)
  expect(new Set(ids).size).toBe(ids.length)
})

const noted = async (bed: C3Bed, count: number) => {
  const rows = await bed.select<{ id: string; c3_rfq_id: string }>(
    sql`select id, c3_rfq_id from inventory.rfqs where note is null or note not like 'Ours of %' order by id limit ${count}`,
  )
  const updates = rows.map(({ id }) => ({ localId: id, values: { note: `Ours of ${id}` } }))
  return { rows, change: () => bed.change({ updates }) }
}
const notesThere = async (bed: C3Bed) => new Map((await bed.records('rfqs')).map((rfq) => [rfq.rfqId, rfq]))
const ledger = (bed: C3Bed) =>
  bed.select<{ id: string; state: string }>(sql`select id, state from sync.writes order by written_at, id`)

let imported: C3Bed
beforeAll(async () => {
  imported = await importedC3({ companies: 20 })
})
afterAll(() => imported?.[Symbol.asyncDispose]())

it('fault 2 (c3): writes once what it was killed over after C3 had taken it and before it could note that', async () => {
  const bed = imported
  const { rows, change } = await noted(bed, 5)
  await bed.sim('faults', { path: '/c3/rfq-updates', times: 1, play: { do: 'hang', afterCommit: true } })
  await change()
  const child = await started(bed, 'writer')
  await until(async () => (await bed.taken()).length === rows.length)
  await kill(child)
  expect((await ledger(bed)).map(({ state }) => state)).toEqual(rows.map(() => 'INTENDED'))
  await bed.lapse()
  await using _ = writer(bed)
  await quiet(bed)
  const there = await notesThere(bed)
  for (const { id, c3_rfq_id } of rows)
    expect(there.get(c3_rfq_id)).toMatchObject({ note: `Ours of ${id}`, version: 2 })
  expect(await bed.taken()).toHaveLength(rows.length)
  expect(await divergencesFromC3(bed)).toEqual([])
})

it('fault 9 (c3): what a writer does that was asleep while another took its lane is refused', async () => {
  const bed = imported
  const { rows, change } = await noted(bed, 1)
  const taken = (await bed.taken()).length
  const { id, c3_rfq_id: rfqId } = rows[0]!
  // What it has asked before it sleeps is old when it wakes.
  await bed.sim('faults', { path: '/c3/rfq-updates', times: 1, play: { do: 'hold', afterCommit: true } })
  await change()
  const child = await started(bed, 'writer')
  await until(async () => (await bed.taken()).length === taken + 1)
  // It sleeps in the middle of its request, longer than its lease.
  child.kill('SIGSTOP')
  await bed.lapse()
  await bed.change({ updates: [{ localId: id, values: { note: 'Second' } }] })
  {
    await using _ = writer(bed)
    await until(async () => (await bed.there('rfqs', rfqId)).note === 'Second')
    await quiet(bed)
  }
  const before = await ledger(bed)
  const agreed = () => bed.select(sql`select base, external_modified from sync.links where local_id = ${id}`)
  const then = await agreed()
  await bed.sim('faults', undefined, 'DELETE')
  child.kill('SIGCONT')
  // It wakes, is told that the lane is another's, and looks for work again.
  const token = async () =>
    (
      await bed.database.relay((tx) =>
        sql<{
          token: number
        }>`select token::int as token from sync.outgoing_lanes where org_id = ${ORG}`.execute(tx),
      )
    ).rows[0]?.token ?? 0
  const mine = await token()
  await bed.change({ updates: [{ localId: id, values: { buyer: 'Third' } }] })
  await until(async () => (await token()) > mine && (await bed.outgoing()).length === 0)
  await kill(child)
  expect((await ledger(bed)).slice(0, before.length)).toEqual(before)
  expect(await bed.there('rfqs', rfqId)).toMatchObject({ note: 'Second', buyer: 'Third' })
  expect((await agreed())[0]).toMatchObject({ base: (then[0] as { base: unknown }).base })
  expect(await divergencesFromC3(bed)).toEqual([])
})
