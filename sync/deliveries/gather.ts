import { Unavailable } from '#kernel/errors.ts'

/** Takes deliveries together that come together. */
export interface Gathering<D> {
  /**
   * Resolves when the delivery is written for good.
   * @throws HUB_UNAVAILABLE when the database does not answer, or more wait than should be kept in memory: send it again
   */
  take(delivery: D): Promise<void>
}

interface Waiting<D> {
  delivery: D
  done: PromiseWithResolvers<void>
}

/** What waits for its turn in memory; more than that is sent again later. */
const MOST_WAITING_EVENTS = 20_000
const MOST_TOGETHER_EVENTS = 2_000

/**
 * While one transaction writes, whatever comes meanwhile waits for the next and goes with it: a storm of small deliveries
 * costs few commits and one connection, and a lone one waits for nobody.
 */
export const gathering = <D extends { told: readonly unknown[] }>(
  takeAll: (deliveries: readonly D[]) => Promise<void>,
): Gathering<D> => {
  let waiting: Waiting<D>[] = []
  let events = 0
  let isWriting = false

  const write = async (together: readonly Waiting<D>[]) => {
    try {
      await takeAll(together.map(({ delivery }) => delivery))
      for (const { done } of together) done.resolve()
    } catch (error) {
      // One that cannot be written must not keep its neighbours out; when the database is down, none can.
      if (together.length > 1 && !Unavailable.is(error)) for (const one of together) await write([one])
      else for (const { done } of together) done.reject(error)
    }
  }

  const writeAll = async () => {
    isWriting = true
    while (waiting.length > 0) {
      let size = 0
      const upTo = waiting.findIndex(({ delivery }, n) => {
        size += delivery.told.length
        return n > 0 && size > MOST_TOGETHER_EVENTS
      })
      const together = waiting.slice(0, upTo < 0 ? waiting.length : upTo)
      waiting = waiting.slice(together.length)
      await write(together)
      events -= together.reduce((sum, { delivery }) => sum + delivery.told.length, 0)
    }
    isWriting = false
  }

  return {
    take: (delivery) => {
      if (events > 0 && events + delivery.told.length > MOST_WAITING_EVENTS)
        return Promise.reject(Unavailable.with({ what: 'The intake of webhooks' }))
      events += delivery.told.length
      const done = Promise.withResolvers<void>()
      waiting.push({ delivery, done })
      if (!isWriting) void writeAll()
      return done.promise
    },
  }
}
