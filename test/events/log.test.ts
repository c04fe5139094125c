import { expect, it } from 'vitest'
import { CursorExpired, type LoggedEvent } from '#events/log.ts'
import { publish } from '#events/outbox.ts'
import { stopwatch } from '#test/kit/stopwatch.ts'
import { until } from '#test/kit/until.ts'
import { ACME, asSuperuser, BIG, changed, pause, startSource, take, tell } from './source.ts'

const ns = (events: readonly { payload: unknown }[]) =>
  events.map(({ payload }) => (payload as { n: number }).n)

it('reads committed events in order, from any position, of one organisation or of some names', async () => {
  await using source = await startSource()
  await tell(source.database, ACME, [changed('a', 1), changed('b', 2), changed('a', 3, 'test.other')])
  await until(async () => (await source.log.bounds()).head === 3)
  await tell(source.database, BIG, [changed('z', 4)])
  await until(async () => (await source.log.bounds()).head === 4)
  expect(ns(await source.log.read({ after: 0, limit: 10 }))).toEqual([1, 2, 3, 4])
  expect(ns(await source.log.read({ after: 1, limit: 2 }))).toEqual([2, 3])
  expect(ns(await source.log.read({ after: 0, limit: 10, orgId: BIG }))).toEqual([4])
  expect(ns(await source.log.read({ after: 0, limit: 10, orgId: ACME, names: ['test.other'] }))).toEqual([3])
  const [first] = await source.log.read({ after: 0, limit: 1 })
  expect(first).toMatchObject({ pos: 1, orgId: ACME, key: 'a', name: 'test.thing.changed', version: 1 })
  expect(first?.occurredAt).toBeInstanceOf(Date)
})

it('catches up from a position and goes on live, and one tail serves many followers', async () => {
  await using source = await startSource()
  await tell(source.database, ACME, [changed('a', 1), changed('a', 2)])
  await until(async () => (await source.log.bounds()).head === 2)
  const followers = Array.from({ length: 20 }, (_, i) =>
    take(source.log.follow({ after: i % 3 }), 5 - (i % 3)),
  )
  const mine = take(source.log.follow({ after: 0, orgId: BIG }), 1)
  await tell(source.database, ACME, [changed('a', 3), changed('a', 4)])
  source.sequencer?.wake()
  await until(async () => (await source.log.bounds()).head === 4)
  await tell(source.database, BIG, [changed('z', 5)])
  for (const [i, events] of (await Promise.all(followers)).entries())
    expect(ns(events)).toEqual([1, 2, 3, 4, 5].slice(i % 3))
  expect(ns(await mine)).toEqual([5])
})

it('starts with what comes from now on when no position is given', async () => {
  await using source = await startSource()
  await tell(source.database, ACME, [changed('a', 1)])
  await until(async () => (await source.log.bounds()).head === 1)
  const following = source.log.follow({})
  let first: number | undefined
  const next = following.next().then(({ value }) => {
    first = (value as LoggedEvent | undefined)?.pos
  })
  // Nobody is told when the follower has begun, so it is told again and again.
  for (let n = 2; first === undefined; n++) {
    await tell(source.database, ACME, [changed('a', n)])
    await pause(50)
  }
  await next
  expect(first).toBeGreaterThan(1)
  await following.return?.()
})

it('lets go of a follower that waits, by signal and by return', async () => {
  await using source = await startSource()
  const leaving = new AbortController()
  const bySignal = source.log.follow({ after: 0, signal: leaving.signal })
  const pending = bySignal.next()
  leaving.abort()
  expect(await pending).toEqual({ done: true, value: undefined })
  const byReturn = source.log.follow({ after: 0 })
  const other = byReturn.next()
  await byReturn.return?.()
  expect((await other).done).toBe(true)
})

it('keeps what PostgreSQL cannot store out of its way: NUL and halves of characters', async () => {
  await using source = await startSource()
  const half = String.fromCharCode(0xd800)
  await tell(source.database, ACME, [
    { ...changed('a', 1), payload: { name: `A\0B${half}C 😀` } },
    changed('a', 2),
  ])
  const [event] = await take(source.log.follow({ after: 0 }), 2)
  expect(event?.payload).toEqual({ name: 'AB\ufffdC 😀' })
})

it('refuses a transaction that publishes for another organisation, and hides the log from others', async () => {
  await using source = await startSource()
  const foreign = source.database.transaction(ACME, async (tx) => {
    await publish(tx, BIG, [changed('a', 1)], source.clock.now())
  })
  await expect(foreign).rejects.toThrow(/row-level security/)
  await tell(source.database, ACME, [changed('a', 1)])
  await until(async () => (await source.log.bounds()).head === 1)
  expect(await source.log.read({ after: 0, limit: 10, orgId: BIG })).toEqual([])
})

it('fault 5: delivers within 2 s when LISTEN is deaf, and when its connection was cut', async () => {
  await using deaf = await startSource({ channel: 'nobody_notifies_this' })
  const [first] = await Promise.all([
    take(deaf.log.follow({ after: 0 }), 1),
    until(() => deaf.database.statements > 2).then(() => tell(deaf.database, ACME, [changed('a', 1)])),
  ])
  expect(first).toHaveLength(1)

  await using source = await startSource()
  const following = source.log.follow({ after: 0 })
  const next = following.next()
  const cut = await until(async () => {
    const rows = await asSuperuser(
      source,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = 'tributary listener'`,
      [source.name],
    )
    return rows.length > 0 && rows
  })
  expect(cut).toHaveLength(1)
  using since = stopwatch()
  await tell(source.database, ACME, [changed('a', 1)])
  expect((await next).value?.payload).toEqual({ n: 1 })
  expect(since.ms()).toBeLessThan(2000)
  await following.return?.()
})

it('refuses a position whose events are gone, and one that was never given out', async () => {
  await using source = await startSource()
  await tell(source.database, ACME, [changed('a', 1), changed('a', 2)])
  await tell(source.database, ACME, [changed('a', 3)])
  await until(async () => (await source.log.bounds()).head === 3)
  await asSuperuser(source, 'delete from events.batches where last_pos < 3')
  await asSuperuser(source, 'update events.head set oldest = 3')
  const refused = await source.log.read({ after: 1, limit: 10 }).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'CURSOR_EXPIRED', status: 410, oldest: 3 })
  expect(CursorExpired.is(refused)).toBe(true)
  await expect(source.log.follow({ after: 0 }).next()).rejects.toMatchObject({ oldest: 3 })
  await expect(source.log.follow({ after: 4 }).next()).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
  await expect(source.log.read({ after: 4, limit: 1 })).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
  expect(ns(await source.log.read({ after: 2, limit: 10 }))).toEqual([3])
})
