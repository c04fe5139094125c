import Fastify from 'fastify'
import type { Subgraph } from '#db/databases.ts'
import type { NewEvent } from '#events/event.ts'
import { feedRoutes } from '#events/feed.ts'
import { EventLog } from '#events/log.ts'
import { publish } from '#events/outbox.ts'
import { startSequencer } from '#events/sequencer.ts'
import { systemClock } from '#kernel/clock.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { silentLog } from '#test/kit/log.ts'
import { testDatabase } from '#test/kit/postgres.ts'

/** A subgraph as those that follow it see it: its log and its feed, with what a test has it say. */
export const startSiblingFeed = async (name: Subgraph, seal: PrincipalSeal) => {
  const stack = new AsyncDisposableStack()
  const test = stack.use(await testDatabase<never>(name))
  const { database } = test
  const sequencer = stack.use(startSequencer({ database, log: silentLog, clock: systemClock }))
  const log = stack.use(new EventLog({ database, log: silentLog }))
  const app = Fastify()
  feedRoutes(app, { log, seal })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  stack.defer(() => app.close())
  return {
    url,
    test,
    tell: async (orgId: string, events: readonly NewEvent[]) => {
      await database.transaction(orgId, (tx) => publish(tx, orgId, events, systemClock.now()))
      sequencer.wake()
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
