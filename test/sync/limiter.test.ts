import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { systemClock, TestClock } from '#kernel/clock.ts'
import { PgLimiter, type PgLimiterOptions } from '#sync/limiter.ts'
import { silentLog } from '#test/kit/log.ts'
import { testDatabase } from '#test/kit/postgres.ts'

const busiest = (times: readonly number[], windowMs: number): number =>
  Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length))

const limiterOf = (database: PgLimiterOptions['database'], more: Partial<PgLimiterOptions> = {}) =>
  new PgLimiter({
    database,
    clock: systemClock,
    log: silentLog,
    account: 'portal:1',
    limits: { burst: { max: 10, intervalMs: 1000 } },
    ...more,
  })

/** What callers wait beyond an interval, since a vendor counts arrivals. */
const GUARD_MS = 300

// By when they were let go: how long a call is on its way after that is up to the machine.
it('never exceeds the limit in any window across processes', async () => {
  await using test = await testDatabase<never>('customers')
  const limit = { max: 40, intervalMs: 1000 }
  const program = fileURLToPath(new URL('./limiter-process.ts', import.meta.url))
  const args = [program, JSON.stringify(test.urls), '44', JSON.stringify(limit)]
  const processes = [1, 2, 3].map(() => promisify(execFile)(process.execPath, args))
  const times = (await Promise.all(processes)).flatMap(({ stdout }) => JSON.parse(stdout) as number[])
  expect(times).toHaveLength(132)
  expect(busiest(times, limit.intervalMs + GUARD_MS)).toBeLessThanOrEqual(limit.max)
})

it('uses all of each window at once, whoever asks', async () => {
  await using test = await testDatabase<never>('customers')
  const clock = new TestClock('2026-03-01T10:00:00Z')
  const began = clock.now().getTime()
  const limits = { burst: { max: 40, intervalMs: 1000 } }
  const pause = async (ms: number) => clock.advance(ms)
  const three = [1, 2, 3].map(() => limiterOf(test.database, { clock, limits, pause }))
  const times: number[] = []
  for (let i = 0; i < 132; i++) {
    await three[i % 3]!.acquire('burst')
    times.push(clock.now().getTime() - began)
  }
  const windows = Map.groupBy(times, (at) => at / (1000 + GUARD_MS))
  expect([...windows].map(([window, all]) => [window, all.length])).toEqual([
    [0, 40],
    [1, 40],
    [2, 40],
    [3, 12],
  ])
})

it('holds everybody until a ban ends, whoever was told of it', async () => {
  await using test = await testDatabase<never>('customers')
  const clock = new TestClock('2026-03-01T10:00:00Z')
  const told = limiterOf(test.database, { clock })
  const other = limiterOf(test.database, { clock })
  await told.observe('burst', { banUntil: new Date('2026-03-01T10:00:30Z') })
  await told.observe('burst', { banUntil: new Date('2026-03-01T10:00:05Z') })
  const refusal = other.acquire('burst', { patienceMs: 1000 })
  await expect(refusal).rejects.toMatchObject({
    code: 'HUB_LIMIT_REACHED',
    retry: 'later',
    after: new Date('2026-03-01T10:00:30Z'),
  })
  clock.set('2026-03-01T10:00:31Z')
  await other.acquire('burst', { patienceMs: 0 })
})

it('adapts to the limit that the vendor tells, up and down', async () => {
  await using test = await testDatabase<never>('customers')
  const clock = new TestClock('2026-03-01T10:00:00Z')
  const limiter = limiterOf(test.database, { clock })
  const burst = async () => {
    let taken = 0
    for (;;) {
      try {
        await limiter.acquire('burst', { patienceMs: 0 })
        taken++
      } catch (error) {
        expect(error).toMatchObject({ code: 'HUB_LIMIT_REACHED' })
        return taken
      }
    }
  }
  expect(await burst()).toBe(10)
  await limiter.observe('burst', { max: 15, intervalMs: 1000 })
  expect(await burst()).toBe(5)
  clock.advance(1400)
  await limiter.observe('burst', { max: 4, intervalMs: 1000 })
  expect(await burst()).toBe(4)
})

it('keeps a reserve for people once somebody waits, and gives it back when nobody does', async () => {
  await using test = await testDatabase<never>('customers')
  const clock = new TestClock('2026-03-01T10:00:00Z')
  const limiter = limiterOf(test.database, { clock })
  await limiter.acquire('burst', { interactive: true, patienceMs: 0 })
  for (let i = 0; i < 8; i++) await limiter.acquire('burst', { patienceMs: 0 })
  await expect(limiter.acquire('burst', { patienceMs: 0 })).rejects.toMatchObject({
    code: 'HUB_LIMIT_REACHED',
  })
  await limiter.acquire('burst', { interactive: true, patienceMs: 0 })
  clock.advance(61_000 + 1400)
  for (let i = 0; i < 10; i++) await limiter.acquire('burst', { patienceMs: 0 })
})

it('fault 18: background work waits when little of the daily quota is left, people do not', async () => {
  await using test = await testDatabase<never>('customers')
  const clock = new TestClock('2026-03-01T10:00:00Z')
  const limiter = limiterOf(test.database, { clock })
  await limiter.observe('daily', { max: 1000, remaining: 100 })
  await expect(limiter.acquire('burst', { patienceMs: 0 })).rejects.toMatchObject({ retry: 'later' })
  await limiter.acquire('burst', { interactive: true, patienceMs: 0 })
  await limiter.observe('daily', { max: 1000, remaining: 1000 })
  await limiter.acquire('burst', { patienceMs: 0 })
})

it('fault 12: does not stand still for an hour when the clock is set back by one', async () => {
  await using test = await testDatabase<never>('customers')
  const clock = new TestClock('2026-03-01T10:00:00Z')
  const limiter = limiterOf(test.database, { clock })
  for (let i = 0; i < 10; i++) await limiter.acquire('burst', { patienceMs: 0 })
  clock.advance(-3_600_000)
  await expect(limiter.acquire('burst', { patienceMs: 0 })).rejects.toMatchObject({
    code: 'HUB_LIMIT_REACHED',
  })
  clock.advance(1400)
  await limiter.acquire('burst', { patienceMs: 0 })
})
