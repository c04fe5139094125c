import type { FastifyReply } from 'fastify'
import { sleep } from '#kernel/clock.ts'

/** A response that is written as its reader takes it. */
export interface Outflow {
  /** Aborts when the reader is gone or the server closes. */
  readonly signal: AbortSignal
  /** Writes and waits until the reader has room again: nothing piles up here. Returns at once when he is gone. */
  write(text: string): Promise<void>
  end(): void
}

// A reader that takes nothing for so long is not there any more, and may hold a transaction open.
const STALLED_MS = 30_000

/**
 * Takes the response over from the framework and writes lines to it.
 * @param sign what to write after `heartbeatMs` of silence
 */
export const openOutflow = (
  reply: FastifyReply,
  closing: AbortSignal,
  heartbeatMs: number,
  sign: () => string,
): Outflow => {
  reply.hijack()
  const response = reply.raw
  const gone = new AbortController()
  const signal = AbortSignal.any([gone.signal, closing])
  response.once('close', () => gone.abort())
  response.on('error', () => gone.abort())
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
  response.flushHeaders()
  let quiet = true
  const heart = setInterval(() => {
    if (quiet && !response.writableNeedDrain && !signal.aborted) response.write(sign())
    quiet = true
  }, heartbeatMs)
  return {
    signal,
    write: async (text) => {
      quiet = false
      if (signal.aborted || response.write(text)) return
      const drained = new AbortController()
      response.once('drain', () => drained.abort())
      await sleep(STALLED_MS, AbortSignal.any([signal, drained.signal]))
      if (response.writableNeedDrain) response.destroy()
    },
    end: () => {
      clearInterval(heart)
      // Cut, not ended, when the server closes: a stream without end has no proper end, and keep-alive would hold the socket.
      if (closing.aborted) response.destroy()
      else response.end()
    },
  }
}
