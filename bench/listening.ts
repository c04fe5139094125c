/** A subscriber of the hub, as a front end is one: over a WebSocket at the gateway. */
import { createClient } from 'graphql-ws'

/** When each place of the customers' log was heard of. */
export interface Listening extends Disposable {
  /** By the place in the log: epoch milliseconds. */
  heardAt: ReadonlyMap<number, number>
}

/** Subscribes to every change of a customer, and waits until the hub has agreed. @throws what ends the subscription early */
export const listen = async (url: string, token: string): Promise<Listening> => {
  const heardAt = new Map<number, number>()
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    connectionParams: { authorization: `Bearer ${token}` },
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => undefined,
  })
  const query = 'subscription { customerChanged { id name updatedAt } }'
  let failed: unknown
  client.subscribe(
    { query },
    {
      next: ({ extensions }) => {
        const cursor = (extensions as { cursor?: string } | undefined)?.cursor
        if (cursor) heardAt.set(positionOf(cursor), Date.now())
      },
      error: (error) => {
        failed = error
      },
      complete: () => undefined,
    },
  )
  // There is no word for "subscribed": what is not heard of for this long was refused.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  if (failed) throw new Error(`could not subscribe: ${JSON.stringify(failed)}`)
  return { heardAt, [Symbol.dispose]: () => void client.dispose() }
}

// A cursor is opaque to clients; a benchmark of the hub itself may look.
const positionOf = (cursor: string): number =>
  Number((JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]).at(-1))
