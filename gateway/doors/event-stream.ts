/** Server-sent events, as the HTML standard writes them: one answer that goes on while somebody listens. */
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** One event. Text over several lines is one event still. */
export interface ServerEvent {
  /** What kind of event; `message` to browsers when it is absent. */
  event?: string
  /** Sent back as `Last-Event-ID` by a client that comes again. No line breaks. */
  id?: string
  data: string
}

/** One client that listens. */
export interface EventStream {
  /** Aborts when nobody listens any more, and when the stream was ended. */
  readonly signal: AbortSignal
  /** Sends an event, and answers when there is room for the next one. Sends nothing to somebody who has gone. */
  send(event: ServerEvent): Promise<void>
  /** Ends it, after these events. Whoever does not take what was sent is cut off. */
  end(...last: ServerEvent[]): void
}

/** Answers a request with a stream of events. */
export type OpenEventStream = (reply: FastifyReply) => EventStream

// Proxies and browsers give up an answer in which nothing comes.
const HEARTBEAT_MS = 15_000
/** Whoever takes nothing for so long is not there any more, whatever the network says. */
const GONE_MS = 30_000
const LAST_WORDS_MS = 2_000

const written = ({ event, id, data }: ServerEvent): string =>
  [
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...data.split(/\r\n|\r|\n/).map((line) => `data: ${line}`),
    '\n',
  ].join('\n')

/** Opens the writer of all doors that send events. The streams end before the gateway does. */
export const eventStreams = (
  app: FastifyInstance,
  { heartbeatMs = HEARTBEAT_MS }: { heartbeatMs?: number } = {},
): OpenEventStream => {
  const open = new Set<EventStream>()
  app.addHook('preClose', async () => {
    for (const stream of open) stream.end()
  })
  return (reply) => {
    const body = new PassThrough()
    const over = new AbortController()
    const gone = new AbortController()
    let cutOff: NodeJS.Timeout | undefined
    // A write into a full pipe is taken and waits: nothing more is to be put behind it.
    const heartbeat = setInterval(() => {
      if (!body.writableNeedDrain) body.write(':\n\n')
    }, heartbeatMs)
    const ended = () => {
      clearInterval(heartbeat)
      open.delete(stream)
      over.abort()
    }
    body.once('error', () => undefined) // It is closed with it.
    body.once('close', () => {
      clearTimeout(cutOff)
      gone.abort()
      ended()
    })
    const stream: EventStream = {
      signal: over.signal,
      send: async (event) => {
        if (over.signal.aborted || body.write(written(event))) return
        cutOff = setTimeout(() => body.destroy(), GONE_MS)
        await once(body, 'drain', { signal: gone.signal }).catch(() => undefined)
        clearTimeout(cutOff)
      },
      end: (...last) => {
        if (over.signal.aborted) return
        ended()
        clearTimeout(cutOff)
        body.end(last.map(written).join(''))
        cutOff = setTimeout(() => reply.raw.destroy(), LAST_WORDS_MS)
        reply.raw.once('close', () => clearTimeout(cutOff))
      },
    }
    open.add(stream)
    // The first bytes carry the headers: the client knows at once that it listens.
    body.write(':\n\n')
    void reply
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .type('text/event-stream; charset=utf-8')
      .send(body)
    return stream
  }
}

/**
 * Sends results as they come, until they or the listener end; a listener that has gone ends them. What the iterator throws
 * is thrown on, with the stream still open for last words.
 */
export const pour = async <T>(
  stream: EventStream,
  results: AsyncIterator<T, unknown>,
  toEvent: (result: T) => ServerEvent,
): Promise<void> => {
  const leave = () => void results.return?.()
  stream.signal.addEventListener('abort', leave, { once: true })
  try {
    while (!stream.signal.aborted) {
      const { done, value } = await results.next()
      if (done) return
      await stream.send(toEvent(value))
    }
  } finally {
    stream.signal.removeEventListener('abort', leave)
    leave()
  }
}
