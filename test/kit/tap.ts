import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it went through, without the headers that carry credentials. */
export interface Passed {
  method: string
  /** Path and query. */
  target: string
  body: string
}

/** Said anew on every connection, or by whoever reads the body. */
const OWN_HEADERS = new Set([
  'host',
  'connection',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'keep-alive',
])

/** Something that passes requests on to a server and keeps what it has passed. `to` says where, before the first comes. */
export const startTap = async () => {
  const passed: Passed[] = []
  let there = ''
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const [method, target, body] = [request.method ?? '', request.url ?? '/', Buffer.concat(chunks)]
    passed.push({ method, target, body: body.toString() })
    const headers = Object.entries(request.headers).filter(([name]) => !OWN_HEADERS.has(name)) as [
      string,
      string,
    ][]
    const sent = body.length === 0 ? {} : { body }
    const answer = await fetch(`${there}${target}`, { method, headers, redirect: 'manual', ...sent })
    const back = [...answer.headers].filter(([name]) => !OWN_HEADERS.has(name))
    response.writeHead(answer.status, Object.fromEntries(back)).end(Buffer.from(await answer.arrayBuffer()))
  }
  // Longer than clients keep a connection: one that is closed while they send on it is trouble that no server made.
  const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    // What breaks off on one side breaks off on the other.
    pass(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    to: (url: string) => {
      there = url
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
