import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WebhookEvent } from '#connectors/hubspot/app-wire.ts'
import { until } from '#test/kit/until.ts'
import type { OpenPortal } from './portal.ts'

export interface Received {
  headers: IncomingHttpHeaders
  body: string
  events: WebhookEvent[]
}

/** Somebody whom HubSpot tells what has changed. */
export interface Receiver extends AsyncDisposable {
  url: string
  posts: Received[]
  /** Most posts that were open at a time. */
  readonly mostOpen: number
  events(): WebhookEvent[]
  /** What the next posts are answered: a status, or `hang`; 204 when nothing is left. */
  answers: (number | 'hang')[]
  /** Milliseconds before an answer. */
  slowness: number
}

export const startReceiver = async (): Promise<Receiver> => {
  const posts: Received[] = []
  let [open, mostOpen] = [0, 0]
  const server = createServer(async (request, response) => {
    open += 1
    mostOpen = Math.max(mostOpen, open)
    response.once('close', () => {
      open -= 1
    })
    let body = ''
    for await (const chunk of request) body += String(chunk)
    posts.push({ headers: request.headers, body, events: JSON.parse(body) as WebhookEvent[] })
    const answer = receiver.answers.shift() ?? 204
    if (answer === 'hang') return
    setTimeout(() => response.writeHead(answer).end(), receiver.slowness)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/hubspot?tenant=a%3Ab`,
    posts,
    get mostOpen() {
      return mostOpen
    },
    events: () => posts.flatMap((post) => post.events),
    answers: [],
    slowness: 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}

/** What the simulator says of its deliveries. */
export interface Journal {
  counts: Record<'attempts' | 'delivered' | 'failed' | 'givenUp' | 'dropped', number>
  waiting: { events: number; inFlight: number; retrying: number }
  attempts: { status: number; attemptNumber: number; forged?: boolean; error?: string; events: unknown[] }[]
}

/** Lets a portal tell a receiver everything, unless told otherwise. */
export const listen = async (portal: OpenPortal, receiver: Receiver, settings: object = {}) => {
  await portal.sim('webhooks', {
    targetUrl: receiver.url,
    subscriptions: 'all',
    batchMs: 5,
    retryScale: 0.000001,
    ...settings,
  })
}

/** Waits until nothing is left to deliver. */
export const settled = (portal: OpenPortal): Promise<Journal> =>
  until(async () => {
    const journal = await portal.sim<Journal>('webhooks/journal')
    const { events, inFlight, retrying } = journal.waiting
    return events + inFlight + retrying === 0 && journal.counts.attempts > 0 ? journal : undefined
  })
