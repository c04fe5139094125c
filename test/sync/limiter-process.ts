/** Another process that calls a vendor through the shared budget: argv = urls (JSON), vendor's URL, number of calls, limit (JSON). */
import { openDatabase } from '#db/client.ts'
import { systemClock } from '#kernel/clock.ts'
import { PgLimiter } from '#sync/limiter.ts'
import { silentLog } from '#test/kit/log.ts'

const [urls = '', vendor = '', calls = '', limit = ''] = process.argv.slice(2)
const database = openDatabase<never>(JSON.parse(urls), { log: silentLog })
const limiter = new PgLimiter({
  database,
  clock: systemClock,
  log: silentLog,
  account: 'portal:1',
  limits: { burst: JSON.parse(limit) },
})
// The first request of a process is slow to leave; a vendor's client is warm by then.
await (await fetch(`${vendor}/warm`)).text()
const caller = async (share: number) => {
  for (let i = 0; i < share; i++) {
    await limiter.acquire('burst')
    await (await fetch(vendor)).text()
  }
}
await Promise.all([1, 2, 3, 4].map(() => caller(Number(calls) / 4)))
await database[Symbol.asyncDispose]()
