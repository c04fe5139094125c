import { expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { type ScheduleOptions, startSchedule } from '#sync/schedule.ts'
import { customersBed, ORG, worker } from '#test/kit/customers.ts'
import { silentLog } from '#test/kit/log.ts'
import { until } from '#test/kit/until.ts'
import { rowsOf } from './rows.ts'

it('brings changes over by itself, and lists everything again when that is long ago', async () => {
  const shift = { ms: 0 }
  const clock = { now: () => new Date(systemClock.now().getTime() + shift.ms) }
  await using bed = await customersBed({ companies: 10, clock })
  await using _ = worker(bed)
  await bed.sync('FULL')
  const runs = () =>
    bed.database.read(ORG, (tx) =>
      tx.selectFrom('sync.runs').select(['mode', 'state']).orderBy('requested_at').execute(),
    )
  const schedule = (everyMs: number, more: Partial<ScheduleOptions> = {}) =>
    startSchedule({
      database: bed.database as never,
      clock,
      log: silentLog,
      everyMs,
      mayRun: async () => true,
      progressed: () => [],
      ...more,
    })
  const [company] = await bed.records('companies')
  await bed.sim('records/companies', { id: company!.id, properties: { name: 'By itself' } })
  {
    // Two of them, as in two processes.
    await using _one = schedule(400)
    await using _two = schedule(400)
    await until(
      async () => (await rowsOf(bed, 'companies')).get(company!.id)?.properties.name === 'By itself',
    )
  }
  expect((await runs()).every(({ mode }, n) => mode === (n === 0 ? 'FULL' : 'INCREMENTAL'))).toBe(true)
  shift.ms = 25 * 3_600_000
  {
    await using _three = schedule(1000)
    await until(async () =>
      (await runs()).some(({ mode, state }) => mode === 'RECONCILE' && state === 'COMPLETED'),
    )
  }
  const count = (await runs()).length
  shift.ms += 3_600_000
  let asked = 0
  const mayRun = async () => {
    asked++
    return false
  }
  await using _four = schedule(1000, { mayRun })
  await until(() => asked > 1)
  expect(await runs()).toHaveLength(count)
})
