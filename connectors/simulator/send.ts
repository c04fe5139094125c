import type { ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { type SimReply, serialise } from './exchange.ts'

/** Sends a reply whole. */
export const send = (response: ServerResponse, reply: SimReply): void => {
  const { text, headers } = serialise(reply)
  const body = Buffer.from(text)
  response.writeHead(
    reply.status,
    reply.status === 204 ? headers : { ...headers, 'content-length': String(body.length) },
  )
  response.end(reply.status === 204 ? undefined : body)
}

/** Sends the first `bytes` of a reply (half, when not said) as if that were all. */
export const sendCut = (response: ServerResponse, reply: SimReply, bytes: number | undefined): void => {
  const { text, headers } = serialise(reply)
  const body = Buffer.from(text)
  const cut = body.subarray(0, bytes ?? Math.floor(body.length / 2))
  response.writeHead(reply.status, { ...headers, 'content-length': String(cut.length) })
  response.end(cut)
}

/** Promises a whole reply, sends `bytes` of it and cuts the connection. */
export const sendAndClose = (response: ServerResponse, reply: SimReply, bytes: number): void => {
  const { text, headers } = serialise(reply)
  const body = Buffer.from(text)
  response.writeHead(reply.status, { ...headers, 'content-length': String(body.length) })
  response.write(body.subarray(0, bytes), () => response.socket?.destroy())
}

/** Sends a reply one byte at a time, until it is all sent or the caller has gone. */
export const trickle = async (
  response: ServerResponse,
  reply: SimReply,
  bytesPerSecond: number,
): Promise<void> => {
  const { text, headers } = serialise(reply)
  const body = Buffer.from(text)
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  response.writeHead(reply.status, { ...headers, 'content-length': String(body.length) })
  response.flushHeaders()
  for (let i = 0; i < body.length && !gone.signal.aborted; i += 1) {
    response.write(body.subarray(i, i + 1))
    await wait(1000 / bytesPerSecond, undefined, { signal: gone.signal }).catch(() => undefined)
  }
  if (!gone.signal.aborted) response.end()
}

/** What a proxy in front of a vendor says when it has trouble of its own. */
export const errorPage = (status: number): SimReply => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: `<html><head><title>${status}</title></head><body><center><h1>${status} Bad Gateway</h1></center></body></html>`,
})
