import { Server } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { sleep } from '#kernel/clock.ts'

const LOOK_EVERY_MS = 20

/** How clients leave a gateway that is told to stop. */
export interface Leaving {
  /** Takes no connections any more: who connects now is sent to another gateway behind the same address. */
  closePort(): void
  /** Waits until nobody is connected any more, and no longer than this. */
  gone(withinMs: number): Promise<void>
}

/**
 * Lets clients go without an error: from when the gateway is told to stop, each answer says that its connection ends with it,
 * so that nobody sends the next request into a connection that is being closed.
 * @param stopping aborts when it is told to stop
 */
export const leavingDoor = (app: FastifyInstance, stopping: AbortSignal): Leaving => {
  app.addHook('onSend', async (_, reply) => {
    if (stopping.aborted) reply.header('connection', 'close')
  })
  const connections = () =>
    new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count ?? 0)))
  return {
    // The port alone: the `close` of a server of HTTP would cut off at once whoever is just not asking.
    closePort: () => void Server.prototype.close.call(app.server),
    gone: async (withinMs) => {
      const until = performance.now() + withinMs
      while (performance.now() < until && (await connections()) > 0) await sleep(LOOK_EVERY_MS)
    },
  }
}
