import Fastify from 'fastify'
import type { NewEvent } from '#events/event.ts'
import { feedRoutes } from '#events/feed.ts'
import { EventLog } from '#events/log.ts'
import { publish } from '#events/outbox.ts'
import { startSequencer } from '#events/sequencer.ts'
import { systemClock } from '#kernel/clock.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { silentLog } from '#test/kit/log.ts'
import { testDatabase } from '#test/kit/postgres.ts'

/** The customers subgraph as insights sees it: its log and its feed, with what a test has it say. */
export const startCustomersFeed = async (seal: PrincipalSeal) => {
  const stack = new AsyncDisposableStack()
  const { database } = stack.use(await testDatabase<unknown>('customers'))
  const sequencer = stack.use(startSequencer({ database, log: silentLog, clock: systemClock }))
  const log = stack.use(new EventLog({ database, log: silentLog }))
  const app = Fastify()
  feedRoutes(app, { log, seal })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  stack.defer(() => app.close())
  return {
    url,
    tell: async (orgId: string, events: readonly NewEvent[]) => {
      await database.transaction(orgId, (tx) => publish(tx, orgId, events, systemClock.now()))
      sequencer.wake()
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
