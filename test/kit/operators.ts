import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Where operators want to be told: refuses the first message for a moment. */
export const operators = async () => {
  const messages: { status: number; body: Record<string, unknown> }[] = []
  const hear = async (request: IncomingMessage, response: ServerResponse) => {
    const text = (await Array.fromAsync(request)).join('')
    const status = messages.length === 0 ? 503 : 204
    messages.push({ status, body: JSON.parse(text) })
    response.writeHead(status).end()
  }
  const server = createServer((request, response) => {
    // Whoever breaks off has said nothing.
    hear(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/alerts`
  return { url, messages, [Symbol.asyncDispose]: async () => void server.close() }
}
export type Operators = Awaited<ReturnType<typeof operators>>
