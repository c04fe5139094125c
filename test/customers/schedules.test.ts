import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { runProgressed } from '#subgraphs/customers/domain/telling.ts'
import { wantedSchedules } from '#subgraphs/customers/sync/settings.ts'
import { doScheduled } from '#sync/scheduled-work.ts'
import { schedulesOf } from '#sync/schedules.ts'
import { type CustomersBed, customersBed, importedBed, ORG, OTHER_ORG, worker } from '#test/kit/customers.ts'
import { graphOf } from '#test/kit/customers-graph.ts'
import { silentLog } from '#test/kit/log.ts'
import { slotsOfTwo } from '#test/kit/schedulers.ts'
import { principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { movable } from './poisoned.ts'
import { rowsOf } from './rows.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** An imported portal, what looks at its schedules, and what that has begun. */
const scheduled = async () => {
  // Noon at the portal, with nothing of the night near.
  const clock = movable('2027-03-10T18:00:00Z')
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await importedBed({ companies: 5, clock }, [worker]))
  const forgotten: string[] = []
  const look = async () => {
    const begun = await doScheduled({
      ...{ database: bed.database as never, clock, log: silentLog, wanted: wantedSchedules(5 * MINUTE) },
      progressed: (run) => [runProgressed(run)],
      forget: async (_, { connectionId }) => forgotten.push(connectionId),
    })
    return begun.map(({ name }) => name)
  }
  const all = stack.move()
  return { ...bed, clock, look, forgotten, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
const runsOf = (bed: CustomersBed) =>
  bed.database.read(ORG, (tx) =>
    tx.selectFrom('sync.runs').select(['mode', 'state']).orderBy('requested_at').execute(),
  )
const over = (bed: CustomersBed) =>
  until(async () => (await runsOf(bed)).every(({ state }) => !['QUEUED', 'RUNNING'].includes(state)))
const scheduleOf = async (bed: CustomersBed, name: string) =>
  (await bed.database.read(ORG, (tx) => schedulesOf(tx, ORG, [bed.integrationId]))).find(
    (each) => each.name === name,
  )!
const setting = (bed: CustomersBed, set: ReturnType<typeof sql>) =>
  bed.database.transaction(ORG, (tx) => sql`update customers.integrations set ${set}`.execute(tx))

it('brings changes over by the clock, compares everything each night of the portal’s own zone, and forgets what is old', async () => {
  await using bed = await scheduled()
  expect(await bed.look()).toEqual([])
  expect(await bed.look()).toEqual([])
  const [company] = await bed.records('companies')
  await bed.sim('records/companies', { id: company!.id, properties: { name: 'By itself' } })
  bed.clock.advance(5 * MINUTE)
  // Two who look at once begin it once.
  expect((await Promise.all([bed.look(), bed.look(), bed.look()])).flat()).toEqual(['CHANGES'])
  await until(async () => (await rowsOf(bed, 'companies')).get(company!.id)?.properties.name === 'By itself')
  await over(bed)
  expect(await scheduleOf(bed, 'CHANGES')).toMatchObject({ lastResult: 'STARTED', everyMs: 5 * MINUTE })
  const night = await scheduleOf(bed, 'RECONCILE')
  expect(night.timeZone).toBe('US/Mountain')
  const wall = new Intl.DateTimeFormat('en-GB', { timeZone: 'US/Mountain', hour: 'numeric' })
  expect(wall.format(night.nextAt)).toBe('02')
  bed.clock.advance(night.nextAt.getTime() - bed.clock.now().getTime())
  // What was missed meanwhile is made up for by one, and the greater one does for the smaller.
  expect((await bed.look()).filter((name) => name !== 'RETENTION')).toEqual(['RECONCILE'])
  expect(await scheduleOf(bed, 'CHANGES')).toMatchObject({ lastResult: 'BUSY' })
  await over(bed)
  expect((await runsOf(bed)).map(({ mode }) => mode)).toEqual(['FULL', 'INCREMENTAL', 'RECONCILE'])
  const { nextAt } = await scheduleOf(bed, 'RETENTION')
  bed.clock.advance(nextAt.getTime() - bed.clock.now().getTime())
  expect(await bed.look()).toContain('RETENTION')
  expect(bed.forgotten).toContain(bed.integrationId)
  await over(bed)
})

it('follows a connection’s settings: how often, only when asked, paused, ended', async () => {
  await using bed = await scheduled()
  await setting(bed, sql`time_zone = 'Europe/London'`)
  await bed.look()
  await setting(bed, sql`frequency = 'HOURLY'`)
  bed.clock.advance(5 * MINUTE)
  expect(await bed.look()).toEqual([])
  expect(await scheduleOf(bed, 'CHANGES')).toMatchObject({ everyMs: HOUR })
  await setting(bed, sql`frequency = 'DAILY'`)
  bed.clock.advance(5 * MINUTE)
  await bed.look()
  expect(await scheduleOf(bed, 'CHANGES')).toMatchObject({
    everyMs: null,
    dailyMinute: 330,
    timeZone: 'Europe/London',
  })
  for (const set of [sql`frequency = 'MANUAL'`, sql`frequency = 'REALTIME', direction = 'OUT'`]) {
    await setting(bed, set)
    bed.clock.advance(25 * HOUR)
    expect(await bed.look()).toEqual(['RETENTION'])
    expect((await scheduleOf(bed, 'CHANGES')).pausedBecause).toMatch(/only/)
  }
  expect(await scheduleOf(bed, 'RECONCILE')).toMatchObject({ lastResult: 'PAUSED' })
  await setting(bed, sql`direction = 'BIDIRECTIONAL', disconnected_at = ${bed.clock.now()}`)
  bed.clock.advance(HOUR)
  await bed.look()
  expect(await scheduleOf(bed, 'CHANGES')).toBeUndefined()
  expect(await runsOf(bed)).toHaveLength(1)
})

it('shows in the graph what is done by the clock, when it was last and is next, and why it rests', async () => {
  await using bed = await scheduled()
  await using hub = await graphOf(bed.test)
  const shown = async (orgId = ORG) => {
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on HubSpotIntegration { schedules {
      name cadence timeZone paused pausedBecause nextAt lastAt lastResult lastRunId } } } }`
    const of = [{ __typename: 'HubSpotIntegration', id: bed.integrationId }]
    return (await hub.ask(query, { of }, principal(orgId)))._entities[0].schedules
  }
  await bed.look()
  bed.clock.advance(5 * MINUTE)
  await bed.look()
  await over(bed)
  const [changes, reconcile, retention] = await shown()
  expect(changes).toMatchObject({
    name: 'CHANGES',
    cadence: 'every 5 minutes',
    timeZone: null,
    paused: false,
    lastResult: 'STARTED',
  })
  expect(Date.parse(changes.nextAt) - Date.parse(changes.lastAt)).toBeLessThanOrEqual(5 * MINUTE)
  const runs = await bed.database.read(ORG, (tx) => tx.selectFrom('sync.runs').select('id').execute())
  expect(runs.map(({ id }) => id)).toContain(changes.lastRunId)
  expect(reconcile).toMatchObject({
    name: 'RECONCILE',
    timeZone: 'US/Mountain',
    lastAt: null,
    lastResult: null,
  })
  expect(reconcile.cadence).toMatch(/^daily at 02:\d\d$/)
  expect(retention.cadence).toMatch(/^daily at 03:\d\d$/)
  await setting(bed, sql`status = 'NEEDS_REAUTH'`)
  bed.clock.advance(5 * MINUTE)
  expect(await bed.look()).toEqual([])
  expect((await shown())[0]).toMatchObject({ paused: true, nextAt: null, lastResult: 'PAUSED' })
  expect((await shown())[0].pausedBecause).toContain('Connect it again')
  expect(await shown(OTHER_ORG)).toEqual([])
})

it('fault 12: repeats no slot when the clock is set back by an hour, and goes on when it has caught up', async () => {
  await using bed = await scheduled()
  await bed.look()
  bed.clock.advance(5 * MINUTE)
  expect(await bed.look()).toEqual(['CHANGES'])
  await over(bed)
  bed.clock.advance(-HOUR)
  for (let minutes = 0; minutes < 60; minutes += 5) {
    expect(await bed.look()).toEqual([])
    bed.clock.advance(5 * MINUTE)
  }
  bed.clock.advance(5 * MINUTE)
  expect(await bed.look()).toEqual(['CHANGES'])
  await over(bed)
  expect(await runsOf(bed)).toHaveLength(3)
})

it('fault 10: begins each slot once with two schedulers in processes of their own, and none is lost when one is killed', async () => {
  const EVERY = 250
  await using bed = await customersBed({ companies: 1 })
  await using _ = worker(bed)
  await bed.sync('FULL')
  const database = bed.database as never
  const { urls } = bed.test
  const times = await slotsOfTwo({ subgraph: 'customers', urls, database, orgId: ORG, everyMs: EVERY })
  expect(new Set(times).size).toBe(times.length)
  expect(times.every((time) => time % EVERY === 0)).toBe(true)
})
