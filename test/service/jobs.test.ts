import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { over } from '#db/client.ts'
import { systemClock } from '#kernel/clock.ts'
import { define } from '#kernel/errors.ts'
import { type JobDefinition, type JobOptions, openJobs, type Task, task } from '#service/jobs.ts'
import { asSuperuser } from '#test/events/source.ts'
import { recordingLog, silentLog } from '#test/kit/log.ts'
import { type TestDatabase, testDatabase } from '#test/kit/postgres.ts'
import { stopwatch } from '#test/kit/stopwatch.ts'
import { until } from '#test/kit/until.ts'
import { ORG } from './graph.ts'
import { alone, count, endless, single } from './job-definitions.ts'

type Payload = { orgId: string; n: number }
const at = (n: number): Payload => ({ orgId: ORG, n })
const definitions: JobOptions[] = [count, endless, single, alone]
const open = ({ urls }: TestDatabase<unknown>, log = silentLog) => openJobs({ urls, definitions, log })
const collect = (definition: JobDefinition<Payload>, into: number[]): Task<unknown> =>
  task(definition, async ({ n }) => {
    into.push(n)
  })

it.concurrent('does a job that was written down in a transaction, after the transaction is committed', async () => {
  await using hub = await testDatabase('hub')
  await using jobs = await open(hub)
  const done: number[] = []
  await jobs.work([collect(count, done)], {})
  await hub.database.transaction(ORG, async (tx) => {
    expect(await jobs.enqueue(tx, count, at(1))).toBe(true)
    await jobs.enqueueAll(tx, count, [at(2), at(3)])
    expect(done).toEqual([])
  })
  await until(() => done.length === 3)
  expect(done.sort()).toEqual([1, 2, 3])
})

it.concurrent('forgets a job whose transaction is rolled back', async () => {
  await using hub = await testDatabase('hub')
  await using jobs = await open(hub)
  const done: number[] = []
  await jobs.work([collect(count, done)], {})
  const failing = hub.database.transaction(ORG, async (tx) => {
    await jobs.enqueue(tx, count, at(1))
    throw new Error('the change did not happen')
  })
  await expect(failing).rejects.toThrow('did not happen')
  await hub.database.transaction(ORG, (tx) => jobs.enqueue(tx, count, at(2)))
  await until(() => done.length > 0)
  expect(done).toEqual([2])
})

it.concurrent('lets the error say whether to try again: now, later at a named moment, or never', async () => {
  await using hub = await testDatabase('hub')
  const kinds = {
    now: define('TEST_NOW', { status: 500, retry: 'now', says: '' }),
    later: define('TEST_LATER', { status: 500, retry: 'later', says: '' }),
    never: define('TEST_NEVER', { status: 500, retry: 'never', says: '' }),
  }
  await using jobs = await open(hub)
  const started = performance.now()
  using awake = stopwatch()
  const tries: { kind: string; ms: number; awakeMs: number }[] = []
  const failing = task(count, async ({ n }: Payload, _ctx: unknown, attempt) => {
    const kind = (['now', 'later', 'never'] as const)[n]!
    tries.push({ kind, ms: performance.now() - started, awakeMs: awake.ms() })
    const after = kind === 'later' ? new Date(systemClock.now().getTime() + 3000) : undefined
    if (attempt.number === 1) throw kinds[kind].with({}, { after })
  })
  await jobs.work([failing], {})
  await hub.database.transaction(ORG, (tx) => jobs.enqueueAll(tx, count, [0, 1, 2].map(at)))
  await until(() => tries.length === 5)
  const gap = (kind: string, by: 'ms' | 'awakeMs' = 'ms') => {
    const [first, second] = tries.filter((one) => one.kind === kind)
    return second === undefined ? undefined : second[by] - first![by]
  }
  expect(gap('now', 'awakeMs')).toBeLessThan(2000)
  expect(gap('later')).toBeGreaterThan(2500)
  expect(gap('never')).toBeUndefined()
})

it.concurrent('gives a job up after its last attempt, and one whose payload does not fit at once', async () => {
  await using hub = await testDatabase('hub')
  const { log, lines } = recordingLog()
  await using jobs = await open(hub, log)
  const twice = { ...count, attempts: 2 }
  let tries = 0
  const broken = task(twice, async () => {
    tries++
    throw new Error('broken')
  })
  await jobs.work([broken], {})
  await hub.database.transaction(ORG, (tx) => jobs.enqueue(tx, twice, at(1)))
  await hub.database.relay((tx) =>
    sql`insert into pgboss.job (name, data) values ('count', '{"nonsense": true}')`.execute(tx),
  )
  await until(() => lines.some(({ msg }) => msg === 'a job failed for good'))
  await until(() => lines.some(({ msg }) => msg === 'a job’s payload is not what its definition says'))
  expect(tries).toBe(2)
})

it.concurrent('does once more what was found waiting by a transaction that ends after it was begun', async () => {
  await using hub = await testDatabase('hub')
  await using jobs = await open(hub)
  await asSuperuser(hub, 'create table hub.left_by (n integer); grant all on hub.left_by to hub_app')
  const found: number[] = []
  const look = task(single, async () => {
    await hub.database.transaction(ORG, async (tx) => {
      const { rows } = await sql<{ n: number }>`select n from hub.left_by`.execute(over(tx))
      found.push(...rows.map(({ n }) => n))
    })
  })
  await hub.database.transaction(ORG, (tx) => jobs.enqueue(tx, single, at(1)))
  let begun: Promise<void> | undefined
  await hub.database.transaction(ORG, async (tx) => {
    await sql`insert into hub.left_by values (7)`.execute(over(tx))
    // Somebody else has left one already: it is to see what is left here too.
    expect(await jobs.enqueue(tx, single, at(1))).toBe(false)
    begun = jobs.work([look], {})
    await until(async () => {
      const [row] = await asSuperuser<{ state: string }>(
        hub,
        `select state from pgboss.job where name = 'single'`,
      )
      return row?.state === 'active'
    })
    expect(found).toEqual([])
  })
  await begun
  await until(() => found.length > 0)
  expect(found).toEqual([7])
})

it.concurrent('takes jobs by what is at work now, and not by what was a minute ago', async () => {
  await using hub = await testDatabase('hub')
  {
    await using _ = await open(hub)
    // As it is kept of a key that was at work when it was looked.
    await asSuperuser(hub, `update pgboss.queue set singletons_active = array['1'] where name = 'alone'`)
  }
  await using jobs = await open(hub)
  const done: number[] = []
  const held = Promise.withResolvers<void>()
  const take = task(alone, async ({ n }) => {
    done.push(n)
    if (n === 2) await held.promise
  })
  await hub.database.transaction(ORG, (tx) => jobs.enqueue(tx, alone, at(1)))
  await jobs.work([take, take], {})
  await until(() => done.length === 1, { timeoutMs: 20_000 })
  // One of a key is at work, another of it waits: what waits behind that one is done meanwhile.
  await hub.database.transaction(ORG, (tx) => jobs.enqueue(tx, alone, at(2)))
  await until(() => done.length === 2)
  for (const n of [2, 3]) await hub.database.transaction(ORG, (tx) => jobs.enqueue(tx, alone, at(n)))
  await until(() => done.length === 3, { timeoutMs: 20_000 })
  expect(done).toEqual([1, 2, 3])
  held.resolve()
  await until(() => done.length === 4)
})

it.concurrent('keeps one waiting job for each key of a single job', async () => {
  await using hub = await testDatabase('hub')
  await using jobs = await open(hub)
  const added = await hub.database.transaction(ORG, async (tx) => [
    await jobs.enqueue(tx, single, at(1)),
    await jobs.enqueue(tx, single, at(1)),
    await jobs.enqueue(tx, single, at(2)),
  ])
  expect(added).toEqual([true, false, true])
})

it.concurrent('lets the app role add jobs, and neither read nor change what is waiting', async () => {
  await using hub = await testDatabase('hub')
  await using jobs = await open(hub)
  await hub.database.transaction(ORG, (tx) => jobs.enqueue(tx, count, at(1)))
  for (const forbidden of [
    'select data from pgboss.job',
    'delete from pgboss.job',
    'update pgboss.job set data = null',
  ])
    await expect(hub.database.transaction(ORG, (tx) => sql.raw(forbidden).execute(tx))).rejects.toThrow(
      'permission denied',
    )
})

it.concurrent('a job whose worker is killed is done by another within 30 s', async () => {
  await using hub = await testDatabase('hub')
  await using jobs = await open(hub)
  await hub.database.transaction(ORG, (tx) => jobs.enqueue(tx, endless, at(7)))
  const worker = spawn(process.execPath, [`${import.meta.dirname}/job-worker.ts`, JSON.stringify(hub.urls)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await using _killed = { [Symbol.asyncDispose]: async () => void worker.kill('SIGKILL') }
  await once(worker.stdout, 'data')
  worker.kill('SIGKILL')
  await once(worker, 'exit')
  using since = stopwatch()
  const done: number[] = []
  await jobs.work([collect(endless, done)], {})
  await until(() => done.length === 1)
  expect(done).toEqual([7])
  expect(since.ms()).toBeLessThan(30_000)
})
