import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { Unavailable } from '#kernel/errors.ts'
import { startFromParts } from '#service/start.ts'
import { adminUrl, testDatabase } from '#test/kit/postgres.ts'
import { stopwatch } from '#test/kit/stopwatch.ts'
import { startWith } from '#test/kit/subgraph.ts'
import { ORG } from './graph.ts'

it('rolls back what a worker does not finish within seconds of being told to stop, and lets it give back what it holds', async () => {
  await using hub = await testDatabase('hub')
  const begun = Promise.withResolvers<void>()
  const [met, returned] = [Promise.withResolvers<unknown>(), Promise.withResolvers<void>()]
  const running = await startFromParts(startWith(hub.urls, { api: false }), {
    name: 'hub',
    resolvers: {},
    context: (_ground, _principal, base) => base,
    work: ({ database }) => {
      const endless = database.transaction(ORG, async (tx) => {
        begun.resolve()
        await sql`select pg_sleep(25)`.execute(tx)
      })
      const ended = endless.catch(met.resolve).then(() =>
        database.relay(async (tx) => {
          await sql`select 1`.execute(tx)
          returned.resolve()
        }),
      )
      return [{ [Symbol.asyncDispose]: () => ended }]
    },
  })
  await begun.promise
  using since = stopwatch()
  await running[Symbol.asyncDispose]()
  expect(since.ms()).toBeLessThan(6_000)
  expect(Unavailable.is(await met.promise)).toBe(true)
  await returned.promise
  // Nothing of it goes on in the server either.
  const { rows } = await session(adminUrl(), (client) =>
    client.query('select query from pg_stat_activity where datname = $1 and query like $2', [
      hub.name,
      '%pg_sleep%',
    ]),
  )
  expect(rows).toEqual([])
})
