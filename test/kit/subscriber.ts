import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { type Clock, systemClock } from '#kernel/clock.ts'
import { PRINCIPAL_HEADER, principalSeal } from '#kernel/principal.ts'
import { principal, SHARED_SECRET } from './subgraph.ts'

export interface Heard {
  data: Record<string, Record<string, unknown>>
  extensions?: { cursor: string }
}

/** Everything a subscriber of a subgraph hears, until the test ends. */
export const subscriber = async (
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  clock: Clock = systemClock,
) => {
  const token = await principalSeal(SHARED_SECRET, clock).sign(principal())
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { [PRINCIPAL_HEADER]: token },
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => undefined,
  })
  const heard: Heard[] = []
  const failed: unknown[] = []
  client.subscribe(
    { query, variables },
    {
      next: (message) => heard.push(message as unknown as Heard),
      error: (error) => failed.push(error),
      complete: () => undefined,
    },
  )
  return { heard, failed, [Symbol.asyncDispose]: async () => client.dispose() }
}
