/** Another process that calls a vendor through the shared budget: argv = urls (JSON), number of calls, limit (JSON). Tells when its calls took their places. */
import { openDatabase } from '#db/client.ts'
import { type Clock, systemClock } from '#kernel/clock.ts'
import { PgLimiter } from '#sync/limiter.ts'
import { silentLog } from '#test/kit/log.ts'

const [urls = '', calls = '', limit = ''] = process.argv.slice(2)
const database = openDatabase<never>(JSON.parse(urls), { log: silentLog })
const caller = async (share: number): Promise<number[]> => {
  let said = 0
  // What it said last when a place was given is when that was.
  const clock: Clock = {
    now: () => {
      const now = systemClock.now()
      said = now.getTime()
      return now
    },
  }
  const limits = { burst: JSON.parse(limit) }
  const limiter = new PgLimiter({ database, clock, log: silentLog, account: 'portal:1', limits })
  const times: number[] = []
  for (let i = 0; i < share; i++) {
    await limiter.acquire('burst')
    times.push(said)
  }
  return times
}
const times = await Promise.all([1, 2, 3, 4].map(() => caller(Number(calls) / 4)))
await database[Symbol.asyncDispose]()
process.stdout.write(JSON.stringify(times.flat()))
