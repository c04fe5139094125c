import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { idFrom } from '#kernel/ids.ts'
import { claimLane, releaseLane } from '#sync/lanes.ts'
import { noteSignals } from '#sync/signals.ts'
import {
  type CustomersBed,
  customersBed,
  importedBed,
  ORG,
  OTHER_ORG,
  reader,
  worker,
} from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { eventsOf, rowsOf } from './rows.ts'

const PROGRAM = fileURLToPath(new URL('./signals-process.ts', import.meta.url))
const TYPES = ['companies', 'contacts', 'deals', 'tickets'] as const
const EVENTS = { companies: 'company', contacts: 'contact', deals: 'deal', tickets: 'ticket' } as const
const FIELD = { companies: 'name', contacts: 'jobtitle', deals: 'dealname', tickets: 'subject' } as const

const settled = (bed: CustomersBed) => until(async () => (await bed.waiting()).length === 0)

/** Changes every record of every type and notes it. */
const changeAll = async (bed: CustomersBed) => {
  const changed = new Map<(typeof TYPES)[number], string[]>()
  for (const type of TYPES) {
    const ids = (await bed.records(type)).map(({ id }) => id)
    await bed.sim(`records/${type}`, {
      list: ids.map((id) => ({ id, properties: { [FIELD[type]]: `Changed ${id}` } })),
    })
    changed.set(type, ids)
  }
  return changed
}
const toldOf = async (bed: CustomersBed) =>
  Object.fromEntries(
    await Promise.all(
      TYPES.map(
        async (type) => [type, (await eventsOf(bed, `customers.${EVENTS[type]}.changed`)).length] as const,
      ),
    ),
  )
const expectChanged = async (bed: CustomersBed, changed: ReadonlyMap<(typeof TYPES)[number], string[]>) => {
  for (const [type, ids] of changed) {
    const here = await rowsOf(bed, type)
    expect(ids.map((id) => here.get(id)?.properties[FIELD[type]])).toEqual(ids.map((id) => `Changed ${id}`))
  }
}

it('applies no signal twice with two readers at once, and reads none twice', async () => {
  await using bed = await importedBed({ companies: 120 })
  const before = await toldOf(bed)
  const changed = await changeAll(bed)
  for (const [type, ids] of changed) await bed.note(type, ids)
  {
    await using _one = reader(bed)
    await using _two = reader(bed)
    await settled(bed)
  }
  await expectChanged(bed, changed)
  const after = await toldOf(bed)
  for (const [type, ids] of changed) expect(after[type]! - before[type]!).toBe(ids.length)
  const reads = (await bed.journal()).entries.filter(({ path }) => path.startsWith('/crm/v3/'))
  expect(reads).toHaveLength([...changed.values()].reduce((sum, ids) => sum + Math.ceil(ids.length / 100), 0))
})

it('loses no signal when its reader is killed in the middle of a batch, and applies none twice', async () => {
  await using bed = await importedBed({ companies: 60 })
  const before = await toldOf(bed)
  await bed.sim('faults', { path: 'batch/read', skip: 2, play: { do: 'hold' } })
  const changed = await changeAll(bed)
  for (const [type, ids] of changed) await bed.note(type, ids)
  const from = (await bed.waiting()).length
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(bed.test.urls)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  await until(async () => (await bed.waiting()).length < from)
  await wait(Math.random() * 60)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect((await bed.waiting()).length).toBeGreaterThan(0)
  await bed.sim('faults', undefined, 'DELETE')
  await bed.lapse()
  await using _ = reader(bed)
  await settled(bed)
  await expectChanged(bed, changed)
  const after = await toldOf(bed)
  for (const [type, ids] of changed) expect(after[type]! - before[type]!).toBe(ids.length)
})

it('does a full run no harm that is under way: nothing passes for missing, and the newer state stays', async () => {
  await using bed = await customersBed({ companies: 250 })
  const there = await bed.records('companies')
  await bed.sim('faults', { path: 'objects/companies\\?', skip: 1, play: { do: 'hold' } })
  await using _worker = worker(bed)
  await using _reader = reader(bed)
  const id = await bed.ask('FULL')
  await until(async () => ((await bed.progress(id))?.done ?? 0) > 50)
  // Some that the run has met, some that it has yet to meet, one it will find gone.
  const some = [there[3]!, there[120]!, there[240]!].map((record) => record.id)
  await bed.sim('records/companies', {
    list: some.map((each) => ({ id: each, properties: { name: `Changed ${each}` } })),
  })
  await bed.sim('records/companies', { id: there[5]!.id, archive: true })
  await bed.sim('records/companies', { properties: { name: 'New' } })
  const fresh = (await bed.records('companies')).find((record) => record.properties.name === 'New')!
  await bed.note('companies', [...some, there[5]!.id, fresh.id])
  const met = await until(async () => {
    const rows = await bed.database.read(ORG, (tx) =>
      tx.selectFrom('sync.links').select('seen_run').where('external_id', '=', fresh.id).execute(),
    )
    return rows[0]?.seen_run
  })
  // The run need not look for it where it has passed already.
  expect(met).toBe(id)
  expect((await bed.progress(id))?.state).toBe('RUNNING')
  await bed.sim('faults', undefined, 'DELETE')
  const run = await bed.ended(id)
  await settled(bed)
  expect(run).toMatchObject({ state: 'COMPLETED', deleted: 0, failed: 0 })
  const here = await rowsOf(bed, 'companies')
  expect(some.map((each) => here.get(each)?.properties.name)).toEqual(some.map((each) => `Changed ${each}`))
  expect(here.get(there[5]!.id)?.gone_at).not.toBeNull()
  expect([...here.values()].filter((row) => row.gone_at === null)).toHaveLength(250)
  // The run looked nothing up: what signals brought it counts as met.
  const lookUps = (await bed.journal()).entries.filter(({ path }) => path.includes('companies/batch/read'))
  expect(lookUps.length).toBeLessThanOrEqual(2)
})

const runsOf = (bed: CustomersBed) =>
  bed.database.read(ORG, (tx) =>
    tx.selectFrom('sync.runs').select(['id', 'mode', 'state']).orderBy('requested_at').execute(),
  )

it('fault 48: has one incremental run read a storm of signals, and discards none before it has completed', async () => {
  await using bed = await importedBed({ companies: 200 })
  const ids = (await bed.records('companies')).slice(0, 150).map(({ id }) => id)
  await bed.allowAll()
  const changedAt = new Date(systemClock.now().getTime() - 1000)
  await bed.sim('records/companies', {
    list: ids.map((id) => ({ id, properties: { name: `Changed ${id}` } })),
  })
  await bed.note('companies', ids, { changedAt })
  // Its links changed too: readings by time do not show them.
  await bed.note('companies', [ids[0]!], { hasLinks: true })
  await using _reader = reader(bed, { stormAt: 100 })
  await until(async () => (await runsOf(bed)).length === 2)
  await wait(300)
  expect(await bed.waiting()).toHaveLength(150)
  expect((await bed.journal()).entries).toEqual([])
  await using _worker = worker(bed)
  await settled(bed)
  expect((await runsOf(bed)).slice(1)).toMatchObject([{ mode: 'INCREMENTAL', state: 'COMPLETED' }])
  const here = await rowsOf(bed, 'companies')
  expect(ids.map((id) => here.get(id)?.properties.name)).toEqual(ids.map((id) => `Changed ${id}`))
  const reads = (await bed.journal()).entries.filter(({ path }) => path.includes('companies/batch/read'))
  expect(reads).toHaveLength(1)
})

it('fault 48: reads by itself what the run of a storm has not shown to have seen', async () => {
  await using bed = await importedBed({ companies: 200 })
  const ids = (await bed.records('companies')).slice(0, 120).map(({ id }) => id)
  await bed.sim('records/companies', {
    list: ids.map((id) => ({ id, properties: { name: `Changed ${id}` } })),
  })
  await bed.sim('faults', { indexLagMs: 3_600_000 })
  await bed.note('companies', ids, { changedAt: new Date(systemClock.now().getTime() - 1000) })
  await using _worker = worker(bed)
  await using _reader = reader(bed, { stormAt: 100 })
  await settled(bed)
  expect(await runsOf(bed)).toHaveLength(2)
  const here = await rowsOf(bed, 'companies')
  expect(ids.map((id) => here.get(id)?.properties.name)).toEqual(ids.map((id) => `Changed ${id}`))
})

it('takes organisations in turn, then their connections, then their types', async () => {
  await using bed = await customersBed({ companies: 1 })
  const { database } = bed
  const now = systemClock.now()
  const at = (ms: number) => new Date(now.getTime() + ms)
  const signal = (orgId: string, name: string, type: string) => ({
    orgId,
    connectionId: idFrom(orgId, name),
    type,
    externalId: '1',
  })
  const names = new Map([
    [idFrom(ORG, 'a'), 'A/a'],
    [idFrom(ORG, 'b'), 'A/b'],
    [idFrom(OTHER_ORG, 'c'), 'B/c'],
  ])
  await database.relay((tx) =>
    noteSignals(
      tx,
      [
        signal(ORG, 'a', 'companies'),
        signal(ORG, 'a', 'deals'),
        signal(ORG, 'b', 'companies'),
        signal(ORG, 'b', 'deals'),
        signal(OTHER_ORG, 'c', 'deals'),
      ],
      now,
    ),
  )
  const taken: string[] = []
  for (let turn = 1; turn <= 8; turn++) {
    const lane = await claimLane(database as never, at(turn), 10_000)
    taken.push(`${names.get(lane!.connectionId)} ${lane!.type}`)
    await releaseLane(database as never, lane!)
  }
  const first = taken[0]!.startsWith('B') ? 1 : 0
  // Every other turn is the small organisation's, however much the other has.
  expect(taken.filter((_, turn) => turn % 2 !== first)).toEqual(Array(4).fill('B/c deals'))
  const others = taken.filter((_, turn) => turn % 2 === first)
  expect(new Set(others).size).toBe(4)
  expect(others[0]!.slice(0, 3)).toBe(others[2]!.slice(0, 3))
  expect(others[1]!.slice(0, 3)).toBe(others[3]!.slice(0, 3))
  // A lane that is held is nobody else's.
  const held = await Promise.all(Array.from({ length: 6 }, () => claimLane(database as never, at(9), 10_000)))
  expect(held.filter(Boolean)).toHaveLength(5)
  expect(new Set(held.flatMap((lane) => (lane ? [`${lane.connectionId} ${lane.type}`] : []))).size).toBe(5)
})
