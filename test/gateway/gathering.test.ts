import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { GatheringSocket } from '#gateway/subscriptions/gathering-socket.ts'

/** A client and the two ends of its connection at the server. */
const openPair = async () => {
  const server = createServer()
  const sockets = new WebSocketServer({ noServer: true, WebSocket: GatheringSocket })
  const { promise, resolve } = Promise.withResolvers<{ ours: GatheringSocket; carrier: Socket }>()
  server.on('upgrade', (request, carrier, head) =>
    sockets.handleUpgrade(request, carrier, head, (ours) => {
      ours.carriedBy(carrier)
      resolve({ ours, carrier: carrier as Socket })
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const heard: string[] = []
  client.on('message', (data) => heard.push(String(data)))
  await once(client, 'open')
  return {
    ...(await promise),
    client,
    heard,
    [Symbol.asyncDispose]: async () => {
      client.terminate()
      await new Promise((done) => server.close(done))
    },
  }
}

describe('a socket for subscriptions', () => {
  it('is written to once for all that comes together, in its order, and for nothing else', async () => {
    await using pair = await openPair()
    const writes = vi.spyOn(pair.carrier, '_writev' as never)
    const texts = Array.from({ length: 20 }, (_, n) => `event ${n}`)
    let taken = 0
    for (const text of texts) pair.ours.send(text, () => taken++)
    expect(taken).toBe(texts.length)
    await vi.waitUntil(() => pair.heard.length === texts.length, { timeout: 20_000 })
    expect(pair.heard).toEqual(texts)
    expect(writes).toHaveBeenCalledTimes(1)
    pair.ours.send('later')
    await vi.waitUntil(() => pair.heard.length > texts.length, { timeout: 20_000 })
    expect(writes).toHaveBeenCalledTimes(2)
  })

  it('makes whoever sends wait while the client takes nothing', async () => {
    await using pair = await openPair()
    pair.client.pause()
    const text = 'x'.repeat(64 * 1024)
    const sent = Array.from({ length: 500 }, () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      let isTaken = false
      pair.ours.send(text, () => {
        isTaken = true
        resolve()
      })
      return { promise, isTaken: () => isTaken }
    })
    // More than the system keeps for a connection: the last of them cannot have left.
    await new Promise((resolve) => setImmediate(resolve))
    expect(sent.at(-1)?.isTaken()).toBe(false)
    pair.client.resume()
    await Promise.all(sent.map(({ promise }) => promise))
  })
})
