import fastify from 'fastify'
import { type ConsumerOptions, startConsumer } from '#events/consumer.ts'
import { feedRoutes, type Snapshot } from '#events/feed.ts'
import { systemClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { silentLog } from '#test/kit/log.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { leaveRows, SHARED_SECRET } from './rows.ts'
import { asSuperuser, type Source, type Tables } from './source.ts'

export const seal = principalSeal(SHARED_SECRET, systemClock)

/** Serves a source's feed over HTTP, on a port of its own or the one given. */
export const serveFeed = async (
  source: Pick<Source, 'log'>,
  options: { snapshot?: Snapshot; port?: number; heartbeatMs?: number } = {},
) => {
  const app = fastify()
  const { port = 0, ...rest } = options
  feedRoutes(app, { log: source.log, seal, heartbeatMs: 200, ...rest })
  const url = await app.listen({ host: '127.0.0.1', port })
  return { url, port: Number(new URL(url).port), app, [Symbol.asyncDispose]: () => app.close() }
}

/** The effect of an event on a follower of the tests: one row. Applied twice, there are two. */
export interface Effect {
  id: number
  org: string
  key: string
  n: number
  pos: number
  /** Of which transaction: rows of one batch share it. */
  tx: string
}

/** Where a follower's effects go: a database with a table `insights.effects`. */
export const startTarget = async () => {
  const test = await testDatabase<Tables>('insights')
  await asSuperuser(
    test,
    `create table insights.effects (id bigint generated always as identity, org uuid, key text, n integer, pos bigint,
       tx xid8 default pg_current_xact_id());
     grant select, insert on insights.effects to insights_app`,
  )
  return {
    ...test,
    effects: async (): Promise<Effect[]> => {
      const rows = await asSuperuser<Effect & Record<string, unknown>>(
        test,
        'select id::int, org, key, n, pos::int, tx::text from insights.effects order by id',
      )
      return rows
    },
  }
}
export type Target = Awaited<ReturnType<typeof startTarget>>

/** A consumer `follower` of source `source`, into the target. */
export const follow = (
  target: Pick<Target, 'database'>,
  url: string,
  options: Partial<ConsumerOptions> = {},
) =>
  startConsumer({
    name: 'follower',
    source: 'source',
    url,
    names: [],
    database: target.database,
    seal,
    clock: systemClock,
    log: silentLog,
    apply: leaveRows,
    ...options,
  })
