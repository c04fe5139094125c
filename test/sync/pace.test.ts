import { expect, it } from 'vitest'
import type { DB } from '#db/generated/customers.ts'
import { TestClock } from '#kernel/clock.ts'
import { PgLimiter } from '#sync/limiter.ts'
import { openQueue, paced, paceMs } from '#sync/pace.ts'
import { silentLog } from '#test/kit/log.ts'
import { testDatabase } from '#test/kit/postgres.ts'

const WINDOW = { max: 100, intervalMs: 10_000 }

it('lets the first calls of a window come at once, then spreads them, and yields near the limit', () => {
  expect(paceMs({ ...WINDOW, used: 14 })).toBe(0)
  expect(paceMs({ ...WINDOW, used: 15 })).toBe(125)
  expect(paceMs({ ...WINDOW, used: 85 })).toBe(125)
  expect(paceMs({ ...WINDOW, used: 95 })).toBeGreaterThan(200)
  expect(paceMs({ max: null, used: null, intervalMs: null })).toBe(0)
})

it('keeps every call of a steady stream from waiting for a used-up window, which calls at will would do', async () => {
  await using test = await testDatabase<DB>('customers')
  const longest = async (account: string, isPaced: boolean): Promise<number> => {
    const clock = new TestClock('2026-11-21T12:00:00Z')
    const pause = async (ms: number) => clock.advance(ms)
    const database = test.database as never
    const limiter = new PgLimiter({
      database,
      clock,
      log: silentLog,
      account,
      limits: { burst: WINDOW },
      pause,
    })
    const calls = isPaced ? paced(limiter, { clock, bucket: 'burst', queue: openQueue(), pause }) : limiter
    let most = 0
    for (let n = 0; n < 220; n++) {
      const before = clock.now().getTime()
      await calls.acquire('burst')
      most = Math.max(most, clock.now().getTime() - before)
      // What a batch takes to be read and stored.
      clock.advance(30)
    }
    return most
  }
  expect(await longest('at will', false)).toBeGreaterThan(5_000)
  expect(await longest('paced', true)).toBeLessThan(200)
})
