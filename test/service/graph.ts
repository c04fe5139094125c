import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { ExpiredCursor, type Follow, type LoggedEvent, type Place } from '#events/log.ts'
import { systemClock } from '#kernel/clock.ts'
import { PRINCIPAL_HEADER, type Principal, principalSeal } from '#kernel/principal.ts'
import type { AccessTable } from '#service/access.ts'
import type { BaseContext } from '#service/context.ts'
import { type RunningSubgraph, startSubgraph } from '#service/server.ts'
import type { SubscribableLog } from '#service/subscriptions.ts'
import { silentLog } from '#test/kit/log.ts'

export const ORG = '00000000-0000-4000-8000-000000000001'
export const SECRET = 'the secret that the processes share'
export const seal = principalSeal(SECRET, systemClock)

export const user = (...scopes: string[]): Principal => ({ kind: 'user', id: 'somebody', orgId: ORG, scopes })

export interface Answer {
  status: number
  data?: Record<string, never> | null
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[]
}

/** Sends a document as the gateway would: with the principal signed. A text is sent as the token itself. */
export const ask = async (
  url: string,
  caller: Principal | string | null,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Answer> => {
  const token = caller !== null && typeof caller === 'object' ? await seal.sign(caller) : caller
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { [PRINCIPAL_HEADER]: token } : {}) },
    body: JSON.stringify({ query, variables }),
  })
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) }
}

/** A log in memory, which counts its followers. */
export class MemoryLog implements SubscribableLog {
  readonly events: LoggedEvent[] = []
  oldest = 1
  followers = 0
  #wake = new Set<() => void>()

  add(event: Pick<LoggedEvent, 'key' | 'name' | 'payload'>): void {
    this.events.push({
      version: 1,
      orgId: ORG,
      occurredAt: systemClock.now(),
      ...event,
      pos: (this.events.at(-1)?.pos ?? 0) + 1,
    })
    for (const wake of this.#wake) wake()
  }

  async bounds() {
    return { oldest: this.oldest, head: this.events.at(-1)?.pos ?? 0 }
  }

  async place() {
    return { position: (await this.bounds()).head }
  }

  async confirm({ position }: Place) {
    if (position + 1 < this.oldest) throw new ExpiredCursor(this.oldest)
    return this.bounds()
  }

  async *follow({ after = 0, signal = new AbortController().signal }: Follow): AsyncGenerator<LoggedEvent> {
    this.followers++
    try {
      for (let at = after; !signal.aborted; ) {
        const next = this.events.find((event) => event.pos > at)
        if (next) {
          at = next.pos
          yield next
          continue
        }
        await new Promise<void>((resolve) => {
          this.#wake.add(resolve)
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      }
    } finally {
      this.followers--
    }
  }
}

/** Serves a small graph of a test's own. */
export const serve = (options: {
  typeDefs: string
  resolvers: object
  access?: AccessTable
  eventLog?: SubscribableLog
  name?: string
  appliedWithinMs?: number
}): Promise<RunningSubgraph> =>
  startSubgraph<BaseContext>({
    name: 'test',
    port: 0,
    eventLog: new MemoryLog(),
    access: {},
    seal,
    log: silentLog,
    clock: systemClock,
    context: (_, base) => base,
    ...options,
  })

/** A subscriber, as the gateway is one: its results so far, and why it ended. */
export const subscribe = (
  url: string,
  token: string | null,
  query: string,
  variables: Record<string, unknown> = {},
) => {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: token ? { [PRINCIPAL_HEADER]: token } : {},
    retryAttempts: 0,
    lazyCloseTimeout: 0,
  })
  const results: {
    data?: Record<string, never> | null
    errors?: Answer['errors']
    extensions?: { cursor: string }
  }[] = []
  const ended: { why?: unknown; done?: boolean } = {}
  const unsubscribe = client.subscribe(
    { query, variables },
    {
      next: (result) => results.push(result as (typeof results)[number]),
      error: (why) => {
        ended.why = why
      },
      complete: () => {
        ended.done = true
      },
    },
  )
  return {
    results,
    ended,
    unsubscribe,
    [Symbol.asyncDispose]: async () => {
      unsubscribe()
      await client.dispose()
    },
  }
}
