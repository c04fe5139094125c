import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { sleep } from '#kernel/clock.ts'

export interface Event {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
  data: any
  cursor: string | undefined
}

/** A subscription that comes back by itself. */
export interface Followed extends AsyncDisposable {
  events: Event[]
  /** Errors the server answered instead of events. */
  failures: unknown[]
  /** How often it has come back. */
  resumed: number
  /** Whether the socket is open now. */
  open: boolean
  /** With which codes it was closed; 1006 where nobody said why. */
  closes: number[]
}

/** Follows a subscription as a client that knows cursors: after every break it asks for what came after its last event. */
export const follow = (options: {
  url: string
  query: string
  variables: object
  token(): Promise<string>
}): Followed => {
  const over = new AbortController()
  const followed: Followed = {
    events: [],
    failures: [],
    resumed: 0,
    open: false,
    closes: [],
    [Symbol.asyncDispose]: async () => {
      over.abort()
      await looping
    },
  }
  const once = async () => {
    const token = await options.token()
    let socket: WebSocket | undefined
    const client: Client = createClient({
      url: `${options.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${token}` },
      on: {
        opened: (opened) => {
          socket = opened as WebSocket
        },
        connected: () => {
          followed.open = true
        },
        closed: (why) => {
          if (!over.signal.aborted) followed.closes.push((why as { code: number }).code)
        },
      },
    })
    const after = followed.events.findLast(({ cursor }) => cursor)?.cursor
    const ended = Promise.withResolvers<void>()
    const end = client.subscribe(
      { query: options.query, variables: { ...options.variables, ...(after ? { after } : {}) } },
      {
        next: ({ data, errors, extensions }) => {
          if (errors) followed.failures.push(...errors)
          followed.events.push({ data, cursor: (extensions as { cursor?: string } | undefined)?.cursor })
        },
        error: (error) => {
          if (Array.isArray(error)) followed.failures.push(...error)
          ended.resolve()
        },
        complete: ended.resolve,
      },
    )
    over.signal.addEventListener('abort', () => ended.resolve(), { once: true })
    await ended.promise
    followed.open = false
    end()
    await client.dispose()
    socket?.terminate()
  }
  const loop = async () => {
    while (!over.signal.aborted) {
      await once()
      if (over.signal.aborted) return
      followed.resumed++
      // Not all at the same moment.
      await sleep(100 + Math.random() * 300, over.signal)
    }
  }
  const looping = loop()
  return followed
}
