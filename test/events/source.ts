import { setTimeout } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Database } from '#db/client.ts'
import { session } from '#db/session.ts'
import { EventLog, type LoggedEvent } from '#events/log.ts'
import { type NewEvent, publish } from '#events/outbox.ts'
import { startPublisher } from '#events/publisher.ts'
import { startSequencer } from '#events/sequencer.ts'
import { findInStream } from '#events/stream-reader.ts'
import { type Clock, systemClock } from '#kernel/clock.ts'
import { silentLog } from '#test/kit/log.ts'
import { connectNats, newPrefix } from '#test/kit/nats.ts'
import { type TestDatabase, testDatabase } from '#test/kit/postgres.ts'
import { until } from '#test/kit/until.ts'
import { SHARED_SECRET } from './rows.ts'

/** Organisations of the tests. */
export const ACME = '00000000-0000-4000-8000-00000000000a'
export const BIG = '00000000-0000-4000-8000-00000000000b'

/** Any tables: these tests speak SQL. */
export type Tables = Record<string, never>

export const changed = (key: string, n: number, name = 'test.thing.changed'): NewEvent => ({
  name,
  version: 1,
  key,
  payload: { n },
})

/** Commits events as a subgraph would. */
export const tell = (
  database: Database<Tables>,
  orgId: string,
  events: readonly NewEvent[],
  at = systemClock.now(),
) => database.transaction(orgId, (tx) => publish(tx, orgId, events, at))

/** A database with a sequencer and a log over it: what a subgraph that is followed has. */
export const startSource = async (
  options: {
    clock?: Clock
    sequencer?: boolean
    channel?: string
    max?: number
    /** Where its log is copied to. */
    server?: { url: string } | undefined
    /** Whether it is copied here. Default true, where there is a server. */
    publisher?: boolean
  } = {},
) => {
  const stack = new AsyncDisposableStack()
  const test: TestDatabase<Tables> = stack.use(
    await testDatabase<Tables>('customers', { max: options.max ?? 10 }),
  )
  const clock = options.clock ?? systemClock
  const { database } = test
  const log = stack.use(
    new EventLog({ database, log: silentLog, ...(options.channel ? { wakeChannel: options.channel } : {}) }),
  )
  const sequencer =
    options.sequencer === false ? undefined : stack.use(startSequencer({ database, log: silentLog, clock }))
  const prefix = newPrefix()
  const nats = options.server && stack.use(connectNats(options.server, SHARED_SECRET, prefix))
  if (nats && options.publisher !== false) {
    stack.use(startPublisher({ nats, eventLog: log, source: 'source', log: silentLog }))
    // So that what follows is about the stream.
    await until(() => findInStream({ nats, source: 'source' }, { position: 0 }))
  }
  return {
    ...test,
    clock,
    log,
    sequencer,
    nats,
    prefix,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
export type Source = Awaited<ReturnType<typeof startSource>>

/** Runs statements as the superuser of a test's database. */
export const asSuperuser = <R extends Record<string, unknown>>(
  test: { adminUrl: string },
  statement: string,
  values: unknown[] = [],
): Promise<R[]> => session(test.adminUrl, async (client) => (await client.query<R>(statement, values)).rows)

/** Takes events until there are `count`. */
export const take = async (events: AsyncIterable<LoggedEvent>, count: number): Promise<LoggedEvent[]> => {
  const taken: LoggedEvent[] = []
  if (count === 0) return taken
  for await (const event of events) if (taken.push(event) >= count) break
  return taken
}

export const pause = (ms: number) => setTimeout(ms)

/** How many events lie in the outbox. */
export const waiting = async (source: { database: Database<Tables> }): Promise<number> =>
  source.database.relay(async (tx) => {
    const { rows } = await sql<{
      n: number
    }>`select coalesce(sum(size), 0)::integer as n from events.outbox`.execute(tx)
    return rows[0]!.n
  })
