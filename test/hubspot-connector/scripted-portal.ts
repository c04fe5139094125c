import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HubSpot, type HubSpotOptions, openHubSpot } from '#connectors/hubspot/index.ts'
import { memoryLimiter } from '#connectors/limiter.ts'
import type { Clock } from '#kernel/clock.ts'
import { openLog } from '#kernel/log.ts'
import { steppedClock } from './stepped-clock.ts'

/** One request as the scripted portal received it. */
export interface Heard {
  /** By the test's clock, epoch milliseconds. */
  at: number
  method: string
  /** Path without the query. */
  path: string
  target: string
  query: URLSearchParams
  token: string
  body: Record<string, unknown>
}

export interface Reply {
  status?: number
  headers?: Record<string, string>
  /** A text goes out as it is, anything else as JSON. */
  body?: unknown
}

/** Answers a request, or takes the response over itself and answers undefined. */
export type Script = (
  heard: Heard,
  response: ServerResponse,
) => Reply | undefined | Promise<Reply | undefined>

export interface ScriptedPortal extends AsyncDisposable {
  url: string
  heard: Heard[]
  /** A client of it; further options override. */
  open(options?: Partial<HubSpotOptions>): HubSpot
}

/**
 * A portal that does what a script says, for what no honest one does: contradict itself, trickle, lie.
 * @param script answers every request; what it gets is in `heard` too
 */
export const scriptedPortal = async (
  script: Script,
  clock: Clock & { pause: NonNullable<HubSpotOptions['pause']> } = steppedClock(),
): Promise<ScriptedPortal> => {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const target = request.url ?? '/'
    const url = new URL(target, 'http://portal')
    const text = Buffer.concat(chunks).toString()
    const one: Heard = {
      at: clock.now().getTime(),
      method: request.method ?? '',
      path: url.pathname,
      target,
      query: url.searchParams,
      token: (request.headers.authorization ?? '').replace('Bearer ', ''),
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    }
    heard.push(one)
    const reply = await script(one, response)
    if (!reply) return
    const { status = 200, headers = {}, body } = reply
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    heard,
    open: (options = {}) =>
      openHubSpot({
        baseUrl: url,
        token: async () => 'token',
        limiter: memoryLimiter({ clock, pause: clock.pause }),
        clock,
        pause: clock.pause,
        log: openLog('test', 'silent'),
        random: () => 0.5,
        ...options,
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/**
 * An answer that comes one space at a time and never ends.
 * @returns the script that gives it, and what became of those answers: how many the caller has gone from, and the pieces sent until then
 */
export const trickling = (everyMs: number) => {
  const seen = { gone: 0, pieces: 0 }
  const script = (_: Heard, response: ServerResponse): undefined => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const timer = setInterval(() => {
      seen.pieces += 1
      response.write(' ')
    }, everyMs)
    response.once('close', () => {
      clearInterval(timer)
      seen.gone += 1
    })
  }
  return { seen, script }
}

/** A record as HubSpot writes it. */
export const crmRecord = (
  id: number | string,
  at: number = 0,
  properties: Record<string, string | null> = {},
) => {
  const modified = new Date(at).toISOString()
  return {
    id: String(id),
    properties: {
      hs_object_id: String(id),
      hs_lastmodifieddate: modified,
      lastmodifieddate: modified,
      ...properties,
    },
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: modified,
    archived: false,
  }
}

/** All records of an iterable of pages. */
export const gather = async <T>(pages: AsyncIterable<{ records: T[] }>): Promise<T[]> => {
  const all: T[] = []
  for await (const page of pages) all.push(...page.records)
  return all
}

/** Numbers from `from` up, `count` of them. */
export const numbers = (count: number, from = 1): number[] =>
  Array.from({ length: count }, (_, i) => from + i)
