import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { over } from '#db/client.ts'
import { session } from '#db/session.ts'
import { publish } from '#events/outbox.ts'
import { moveBatch, startSequencer } from '#events/sequencer.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLog } from '#test/kit/log.ts'
import { stopwatch } from '#test/kit/stopwatch.ts'
import { until } from '#test/kit/until.ts'
import { startChild } from './process.ts'
import { ACME, asSuperuser, BIG, changed, pause, type Source, startSource, tell, waiting } from './source.ts'

const KEYS = ['a', 'b', 'c', 'd', 'e']

/** Writers that change a row per key, dawdle, and commit or roll back: the sum of each row is what its events must tell. */
const writeWildly = async (
  source: Source,
  orgId: string,
  writers: number,
  rounds: number,
): Promise<number> => {
  let committed = 0
  const writer = async () => {
    for (let round = 0; round < rounds; round++) {
      const key = KEYS[Math.floor(Math.random() * KEYS.length)]!
      const fails = Math.random() < 0.2
      const wild = source.database.transaction(orgId, async (tx) => {
        const { rows } = await sql<{ n: number }>`
          update customers.counters set n = n + 1 where org = ${orgId} and key = ${key} returning n`.execute(
          over(tx),
        )
        if (Math.random() < 0.3) await pause(Math.random() * 5)
        await publish(tx, orgId, [changed(key, rows[0]!.n)], systemClock.now())
        if (Math.random() < 0.3) await pause(Math.random() * 5)
        if (fails) throw new Error('changed my mind')
      })
      await wild.then(
        () => committed++,
        (error: Error) => {
          if (!fails) throw error
        },
      )
    }
  }
  await Promise.all(Array.from({ length: writers }, writer))
  return committed
}

const withCounters = async (source: Source) => {
  await asSuperuser(
    source,
    `create table customers.counters (org uuid, key text, n integer, primary key (org, key));
     grant select, update on customers.counters to customers_app;
     insert into customers.counters select o::uuid, k, 0 from unnest(array['${ACME}','${BIG}']) o, unnest(array['${KEYS.join("','")}']) k`,
  )
}

/** Every key's events count 1, 2, 3 …: nothing lost, nothing twice, nothing out of order. Positions have no gaps. */
const expectWhole = async (source: Source, committed: number) => {
  await until(async () => (await waiting(source)) === 0)
  const events = await source.log.read({ after: 0, limit: 100_000 })
  expect(events).toHaveLength(committed)
  expect(events.map(({ pos }) => pos)).toEqual(events.map((_, i) => i + 1))
  const seen = new Map<string, number>()
  for (const { orgId, key, payload } of events) {
    const before = seen.get(orgId + key) ?? 0
    expect((payload as { n: number }).n).toBe(before + 1)
    seen.set(orgId + key, before + 1)
  }
}

it('loses nothing and keeps the order per key under adversarial commits, while an unrelated transaction stays open', async () => {
  await using source = await startSource()
  await withCounters(source)
  await session(source.adminUrl, async (unrelated) => {
    await unrelated.query('begin isolation level repeatable read')
    await unrelated.query('select pg_current_xact_id(), count(*) from customers.counters')
    const committed = await Promise.all([writeWildly(source, ACME, 6, 60), writeWildly(source, BIG, 3, 60)])
    await expectWhole(source, committed[0] + committed[1])
    await unrelated.query('rollback')
  })
})

it('moves each event once when several processes sequence and they are killed one after the other', async () => {
  await using source = await startSource({ sequencer: false })
  await withCounters(source)
  let committed = 0
  for (let round = 0; round < 3; round++) {
    await using child = startChild({ does: 'sequence', urls: source.urls })
    await child.said('started')
    const { head } = await source.log.bounds()
    const writing = writeWildly(source, ACME, 6, 40)
    await until(async () => (await source.log.bounds()).head > head)
    await pause(Math.random() * 50)
    await child.kill()
    committed += await writing
  }
  await using first = startSequencer({ database: source.database, log: silentLog, clock: systemClock })
  await using second = startSequencer({ database: source.database, log: silentLog, clock: systemClock })
  committed += await writeWildly(source, BIG, 4, 40)
  first.wake()
  second.wake()
  await expectWhole(source, committed)
})

it('moves nothing while another session holds the lock, and goes on as soon as that session dies', async () => {
  await using source = await startSource()
  const pid = await session(source.urls.relay, async (leader) => {
    await leader.query('begin')
    await until(async () => {
      const { rows } = await leader.query(
        `select pg_try_advisory_xact_lock(hashtextextended('tributary sequencer', 0)) as got`,
      )
      return rows[0].got
    })
    await tell(source.database, ACME, [changed('a', 1)])
    expect(await moveBatch({ database: source.database, log: silentLog, clock: systemClock })).toBe('busy')
    expect((await source.log.bounds()).head).toBe(0)
    const { rows } = await leader.query('select pg_backend_pid() as pid')
    await asSuperuser(source, 'select pg_terminate_backend($1)', [rows[0].pid])
    return rows[0].pid as number
  })
  expect(pid).toBeGreaterThan(0)
  using since = stopwatch()
  await until(async () => (await source.log.bounds()).head === 1)
  expect(since.ms()).toBeLessThan(2000)
})

it('goes on by itself after its connections were cut', async () => {
  await using source = await startSource()
  await tell(source.database, ACME, [changed('a', 1)])
  await until(async () => (await source.log.bounds()).head === 1)
  await asSuperuser(
    source,
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
    [source.name],
  )
  await tell(source.database, ACME, [changed('a', 2)])
  using since = stopwatch()
  await until(async () => (await source.log.bounds()).head === 2)
  expect(since.ms()).toBeLessThan(3000)
})

it('lets organisations take turns: one event is not behind the 20,000 that were committed before it', async () => {
  await using source = await startSource({ sequencer: false })
  await tell(
    source.database,
    BIG,
    Array.from({ length: 20_000 }, (_, i) => changed(`k${i % 100}`, i)),
  )
  await tell(source.database, ACME, [changed('a', 1)])
  const notified: string[] = []
  await session(source.urls.relay, async (listener) => {
    listener.on('notification', ({ payload }) => notified.push(payload ?? ''))
    await listener.query('listen event_log')
    const options = { database: source.database, log: silentLog, clock: systemClock }
    expect(await moveBatch(options)).toBe('more')
    const [event] = await source.log.read({ after: 0, limit: 1, orgId: ACME })
    expect(event?.pos).toBeLessThanOrEqual(2)
    let batches = 1
    for (; (await waiting(source)) > 0; batches++) await moveBatch(options)
    await until(() => notified.length >= batches)
    // One notification per batch, none per event or transaction.
    expect(notified).toHaveLength(batches)
    expect(batches).toBeLessThanOrEqual(21)
  })
  const order = (await source.log.read({ after: 0, limit: 30_000, orgId: BIG })).map(
    (e) => (e.payload as { n: number }).n,
  )
  expect(order).toEqual(Array.from({ length: 20_000 }, (_, i) => i))
})
