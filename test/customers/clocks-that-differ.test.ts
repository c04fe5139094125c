import { expect, it } from 'vitest'
import { systemClock, TestClock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { claimLane } from '#sync/lanes.ts'
import { claimRun } from '#sync/queue.ts'
import { type CustomersBed, customersBed, reader, worker } from '#test/kit/customers.ts'
import { CLEAN, checkLedger } from '#test/kit/ledger.ts'
import { until } from '#test/kit/until.ts'
import { movable } from './poisoned.ts'
import { eventsOf, rowsOf } from './rows.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const settled = (bed: CustomersBed) => until(async () => (await bed.waiting()).length === 0)
const nameOf = async (bed: CustomersBed, id: string) =>
  (await rowsOf(bed, 'companies')).get(id)?.properties.name

it.each([10, -10])(
  'fault 11: reads and compares rightly when the hub’s clock is %i minutes off the portal’s',
  async (minutes) => {
    await using bed = await customersBed({ companies: 20 })
    const clock = { now: () => new Date(systemClock.now().getTime() + minutes * MINUTE) }
    const off = { ...bed, clock }
    await using _ = worker(off)
    await bed.sync('FULL')
    const [one, two, three, four, five] = (await bed.records('companies')).map(({ id }) => id)
    const rename = (id: string, name: string) => bed.sim('records/companies', { id, properties: { name } })
    // By reading changes, twice, since what overlaps is read again.
    for (const name of ['First', 'Second']) {
      await rename(one!, name)
      expect(await bed.sync('INCREMENTAL')).toMatchObject({ state: 'COMPLETED', updated: 1, conflicts: 0 })
      expect(await nameOf(bed, one!)).toBe(name)
    }
    // By signals, and whatever a run reads afterwards is not taken for news.
    {
      await using _reader = reader(off)
      await rename(two!, 'Told')
      await bed.sim('records/companies', { id: three!, archive: true })
      await bed.note('companies', [two!, three!], { changedAt: systemClock.now() })
      await settled(bed)
      expect(await nameOf(bed, two!)).toBe('Told')
      expect((await rowsOf(bed, 'companies')).get(three!)?.gone_at).not.toBeNull()
      await bed.sim('records/companies', { id: three!, archive: false })
      await bed.note('companies', [three!], { changedAt: systemClock.now() })
      await settled(bed)
    }
    expect(await bed.sync('INCREMENTAL')).toMatchObject({ updated: 0, created: 0, deleted: 0 })
    await rename(four!, 'Fourth')
    expect(await bed.sync('RECONCILE')).toMatchObject({ state: 'COMPLETED', deleted: 0, conflicts: 0 })
    expect(await checkLedger(bed)).toEqual(CLEAN)
    // Each change is told once.
    const told = await eventsOf<{ companyId: string }>(bed, 'customers.company.changed')
    const here = await rowsOf(bed, 'companies')
    const times = (id: string) => told.filter(({ companyId }) => companyId === here.get(id)?.id).length
    expect([one!, two!, four!, five!].map(times)).toEqual([3, 2, 2, 1])
  },
)

it('fault 12: goes on at once when the clock is set back by an hour: what was held, what was noted, and no job twice', async () => {
  const clock = movable()
  await using bed = await customersBed({ companies: 10, clock })
  const id = await bed.ask('FULL')
  // A worker that died in the moment before: nobody renews what it holds.
  expect(await claimRun(bed.database as never, clock, 10_000)).toMatchObject({ id })
  await bed.note('companies', [(await bed.records('companies'))[0]!.id])
  expect(await claimLane(bed.database as never, clock.now(), 10_000)).toMatchObject({ type: 'companies' })
  clock.advance(-HOUR)
  await using _ = worker(bed)
  expect(await bed.ended(id)).toMatchObject({ state: 'COMPLETED', failed: 0, updated: 0 })
  await using _reader = reader(bed)
  await settled(bed)
  const [changed] = await bed.records('companies')
  await bed.sim('records/companies', { id: changed!.id, properties: { name: 'After' } })
  await bed.note('companies', [changed!.id])
  await settled(bed)
  expect(await nameOf(bed, changed!.id)).toBe('After')
  expect(await eventsOf(bed, 'customers.company.changed')).toHaveLength(11)
  expect(await checkLedger(bed)).toEqual(CLEAN)
})

it('fault 12: gives ids that only grow, whether the clock stands still or is set back', () => {
  const clock = new TestClock('2026-03-01T10:00:00Z')
  const ids: string[] = []
  for (const ms of [0, 0, 5, -HOUR, 0, 1, HOUR, -1]) {
    clock.advance(ms)
    for (let n = 0; n < 5000; n++) ids.push(newId(clock))
  }
  expect(ids).toEqual([...ids].sort())
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
