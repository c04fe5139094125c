import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { sleep } from '#kernel/clock.ts'

/** So long a connection may take to ask for the first time while its server closes. */
const SILENT_MS = 500

/**
 * How a server is closed: what is under way is answered, its connection ends with the answer, and nobody is waited for who has asked
 * nothing. Node takes a connection over which nothing has come yet for one that is under way, and waits until its client leaves;
 * browsers and pools open such ones ahead. To be called before the server listens.
 */
export const closingOf = (app: FastifyInstance): (() => Promise<void>) => {
  const silent = new Set<Socket>()
  const speaks = ({ socket }: { socket: Socket }) => silent.delete(socket)
  app.server
    .on('connection', (socket) => {
      silent.add(socket)
      socket.once('close', () => silent.delete(socket))
    })
    .on('request', speaks)
    .on('upgrade', speaks)
  let isClosing = false
  app.addHook('onSend', async (_, reply) => {
    if (isClosing) reply.header('connection', 'close')
  })
  return async () => {
    isClosing = true
    const over = new AbortController()
    const closed = app.close().finally(() => over.abort())
    await Promise.race([closed, sleep(SILENT_MS, over.signal)])
    for (const socket of silent) socket.destroy()
    await closed
  }
}
