import { sql } from 'kysely'
import { expect, it } from 'vitest'
import type { DB } from '#db/generated/inventory.ts'
import { openVault } from '#kernel/vault.ts'
import { keepSchedules as keepSchedulesJob } from '#service/clock-jobs.ts'
import { openJobs } from '#service/jobs.ts'
import { ensureIntegration } from '#subgraphs/inventory/commands/ensure-integration.ts'
import { runProgressed } from '#subgraphs/inventory/domain/telling.ts'
import { startInventory } from '#subgraphs/inventory/index.ts'
import { definitions } from '#subgraphs/inventory/jobs/definitions.ts'
import { wantedSchedules } from '#subgraphs/inventory/sync/settings.ts'
import { startRun } from '#sync/queue.ts'
import { forgetHistory } from '#sync/retention.ts'
import { doScheduled } from '#sync/scheduled-work.ts'
import { schedulesOf } from '#sync/schedules.ts'
import { silentLog } from '#test/kit/log.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { slotsOfTwo } from '#test/kit/schedulers.ts'
import { askSubgraph, DEMO, EMPTY, principal, startWith, TEST_KEY } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** A connection to a C3 that was read once, what looks at its schedules, and what that has begun. */
const scheduled = async () => {
  let now = Date.parse('2027-03-10T12:00:00Z')
  const clock = { now: () => new Date(now) }
  await using stack = new AsyncDisposableStack()
  const { database, urls } = stack.use(await testDatabase<DB>('inventory'))
  const vault = openVault([TEST_KEY])
  const ask = { orgId: DEMO, name: 'C3', baseUrl: 'http://127.0.0.1:9', apiKey: 'no key', vault, clock }
  const { id } = await database.transaction(DEMO, (tx) => ensureIntegration(tx, ask))
  /** Everything that was asked for is done. */
  const over = () =>
    database.transaction(DEMO, (tx) =>
      sql`update sync.runs set state = 'COMPLETED', started_at = ${clock.now()}, finished_at = ${clock.now()}
        where finished_at is null`.execute(tx),
    )
  await database.transaction(DEMO, (tx) =>
    startRun(tx, { orgId: DEMO, connectionId: id, mode: 'FULL', clock }),
  )
  await over()
  const forgotten: string[] = []
  const rows = database as never
  const look = async () => {
    const begun = await doScheduled({
      ...{ database: rows, clock, log: silentLog, wanted: wantedSchedules(5 * MINUTE) },
      progressed: (run) => [runProgressed(run)],
      forget: async (_, { connectionId }) => forgotten.push(connectionId),
    })
    return begun.map(({ name }) => name)
  }
  const scheduleOf = async (name: string) =>
    (await database.read(DEMO, (tx) => schedulesOf(tx, DEMO, [id]))).find((each) => each.name === name)!
  const modes = () =>
    database.read(DEMO, async (tx) =>
      (await tx.selectFrom('sync.runs').select('mode').orderBy('requested_at').execute()).map(
        ({ mode }) => mode,
      ),
    )
  const advance = (ms: number) => {
    now += ms
  }
  const all = stack.move()
  return {
    ...{ database, rows, urls, clock, id, look, over, forgotten, scheduleOf, modes, advance },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

it('reads what changed in C3 every five minutes, compares everything each night, and forgets what is old', async () => {
  await using c3 = await scheduled()
  expect(await c3.look()).toEqual([])
  c3.advance(5 * MINUTE)
  // Several who look at once begin it once.
  expect((await Promise.all([c3.look(), c3.look(), c3.look()])).flat()).toEqual(['CHANGES'])
  c3.advance(5 * MINUTE)
  // The run under way does for the next slot.
  expect(await c3.look()).toEqual([])
  expect(await c3.scheduleOf('CHANGES')).toMatchObject({ lastResult: 'BUSY', everyMs: 5 * MINUTE })
  await c3.over()
  const night = await c3.scheduleOf('RECONCILE')
  expect(night).toMatchObject({ lastAt: null, timeZone: 'UTC' })
  expect(night.nextAt.getUTCHours()).toBe(2)
  c3.advance(night.nextAt.getTime() - c3.clock.now().getTime())
  // What was missed meanwhile is made up for by one, and the greater one does for the smaller.
  expect(await c3.look()).toEqual(['RECONCILE'])
  expect(await c3.modes()).toEqual(['FULL', 'INCREMENTAL', 'RECONCILE'])
  await c3.over()
  c3.advance(60 * MINUTE)
  expect(await c3.look()).toContain('RETENTION')
  expect(c3.forgotten).toEqual([c3.id])
})

it('shows in the graph what is done by the clock for a C3, and why it rests', async () => {
  await using c3 = await scheduled()
  await using hub = await startInventory({
    ...startWith(c3.urls, { worker: false }),
    encryptionKeys: [TEST_KEY],
  })
  const shown = async (orgId = DEMO) => {
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on C3Integration { schedules {
      name cadence timeZone paused pausedBecause nextAt lastAt lastResult lastRunId } } } }`
    const of = [{ __typename: 'C3Integration', id: c3.id }]
    const { data, errors } = await askSubgraph(hub.url, query, { of }, principal(orgId))
    expect(errors).toBeUndefined()
    return data._entities[0].schedules
  }
  await c3.look()
  c3.advance(5 * MINUTE)
  await c3.look()
  const [changes, full, retention] = await shown()
  expect(changes).toMatchObject({
    ...{ name: 'CHANGES', cadence: 'every 5 minutes', timeZone: null, paused: false, pausedBecause: null },
    ...{ lastAt: c3.clock.now().toISOString(), lastResult: 'STARTED' },
  })
  expect(changes.lastRunId).not.toBeNull()
  expect(full).toMatchObject({ name: 'RECONCILE', timeZone: 'UTC', lastResult: null })
  expect(full.cadence).toMatch(/^daily at 02:\d\d$/)
  expect(retention.cadence).toMatch(/^daily at 03:\d\d$/)
  await c3.over()
  await c3.database.transaction(DEMO, (tx) =>
    sql`update inventory.integrations set status = 'NEEDS_REAUTH'`.execute(tx),
  )
  c3.advance(5 * MINUTE)
  expect(await c3.look()).toEqual([])
  const [resting] = await shown()
  expect(resting).toMatchObject({ paused: true, nextAt: null, lastResult: 'PAUSED' })
  expect(resting.pausedBecause).toContain('Give it a new one')
  expect(await shown(EMPTY)).toEqual([])
})

it('keeps runs for thirty days and always the last one of a connection', async () => {
  await using c3 = await scheduled()
  await c3.look()
  const place = { orgId: DEMO, connectionId: c3.id }
  for (const days of [10, 15]) {
    c3.advance(days * DAY)
    expect(await c3.look()).toContain('RECONCILE')
    await c3.over()
  }
  const forget = () => forgetHistory(c3.rows, place, c3.clock.now(), { batch: 1 })
  c3.advance(6 * DAY)
  await forget()
  expect(await c3.modes()).toHaveLength(2)
  c3.advance(90 * DAY)
  await forget()
  await forget()
  expect(await c3.modes()).toHaveLength(1)
  // So its schedules are still looked at.
  expect(await c3.look()).toContain('RECONCILE')
})

it('begins what is due as a job that comes once a minute, however many processes there are', async () => {
  await using c3 = await scheduled()
  const options = { ...startWith(c3.urls, { api: false }), encryptionKeys: [TEST_KEY] }
  await using _one = await startInventory(options)
  await using _two = await startInventory(options)
  const { rows } = await c3.database.relay((tx) =>
    sql<{ name: string; cron: string }>`select name, cron from pgboss.schedule order by name`.execute(tx),
  )
  expect(rows).toEqual([
    { name: 'forget-c3-webhooks', cron: '25 * * * *' },
    { name: 'keep-schedules', cron: '* * * * *' },
    { name: 'tend-c3-webhooks', cron: '* * * * *' },
  ])
  // Nobody waits for the minute here.
  await using jobs = await openJobs({ urls: c3.urls, definitions, log: silentLog })
  await c3.database.transaction(DEMO, (tx) => jobs.enqueue(tx, keepSchedulesJob, {}))
  expect(await until(() => c3.scheduleOf('CHANGES'))).toMatchObject({ everyMs: 5 * MINUTE })
})

it('fault 10: begins each slot of C3 once with two schedulers in processes of their own', async () => {
  const EVERY = 250
  await using c3 = await scheduled()
  const times = await slotsOfTwo({
    ...{ subgraph: 'inventory', urls: c3.urls, database: c3.rows, orgId: DEMO, everyMs: EVERY },
  })
  expect(new Set(times).size).toBe(times.length)
  expect(times.every((time) => time % EVERY === 0)).toBe(true)
})
