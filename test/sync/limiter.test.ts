import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { systemClock, TestClock } from '#kernel/clock.ts'
import { PgLimiter, type PgLimiterOptions } from '#sync/limiter.ts'
import { silentLog } from '#test/kit/log.ts'
import { testDatabase } from '#test/kit/postgres.ts'

const busiest = (times: readonly number[], windowMs: number): number =>
  Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length))

/** A vendor that only notes when it was called. */
const listener = async () => {
  const times: number[] = []
  const server = createServer((request, response) => {
    if (request.url !== '/warm') times.push(performance.now())
    response.end('ok')
  }).listen(0)
  await once(server, 'listening')
  return {
    times,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const limiterOf = (database: PgLimiterOptions['database'], more: Partial<PgLimiterOptions> = {}) =>
  new PgLimiter({
    database,
    clock: systemClock,
    log: silentLog,
    account: 'portal:1',
    limits: { burst: { max: 10, intervalMs: 1000 } },
    ...more,
  })

it('never exceeds the limit in any window across processes, and uses all of each window', async () => {
  await using test = await testDatabase<never>('customers')
  await using vendor = await listener()
  const limit = { max: 40, intervalMs: 1000 }
  const program = fileURLToPath(new URL('./limiter-process.ts', import.meta.url))
  const processes = [1, 2, 3].map(() =>
    spawn(process.execPath, [program, JSON.stringify(test.urls), vendor.url, '44', JSON.stringify(limit)], {
      stdio: 'inherit',
    }),
  )
  const codes = await Promise.all(processes.map(async (child) => (await once(child, 'exit'))[0]))
  expect(codes).toEqual([0, 0, 0])
  expect(vendor.times).toHaveLength(132)
  expect(busiest(vendor.times, limit.intervalMs)).toBeLessThanOrEqual(limit.max)
  // 132 calls at 40 a second need three further windows after the first.
  const wallMs = Math.max(...vendor.times) - Math.min(...vendor.times)
  expect(wallMs).toBeLessThan(3 * (limit.intervalMs + 300) * 1.3)
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
