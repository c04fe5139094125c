import { once } from 'node:events'
import { createServer } from 'node:http'
import { measuresText } from './measures.ts'
import { mayMeasure } from './measures-door.ts'

/** `GET /metrics` on a port of its own: for a process that answers nothing else, such as a worker. */
export const startMeasuresServer = async (options: {
  port: number
  host: string
  token: string | undefined
}): Promise<AsyncDisposable & { port: number }> => {
  const server = createServer(async (request, response) => {
    if (request.url !== '/metrics' || !mayMeasure(request, options.token)) {
      response.writeHead(404).end()
      return
    }
    const { type, text } = await measuresText()
    response.writeHead(200, { 'content-type': type }).end(text)
  })
  server.listen(options.port, options.host)
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
