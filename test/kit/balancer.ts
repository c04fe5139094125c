import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** One port before several servers, as a balancer of TCP connections is. */
export interface Balancer extends AsyncDisposable {
  port: number
  /** How many connections each of the ports behind it has been given. */
  given(): Record<number, number>
}

/** Gives connections to ports in turn; one that does not take it is passed over. */
export const startBalancer = async (ports: readonly number[], listenOn = 0): Promise<Balancer> => {
  const open = new Set<Socket>()
  const given: Record<number, number> = Object.fromEntries(ports.map((port) => [port, 0]))
  let turn = 0
  const keep = (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    // What breaks on one side is closed on the other.
    socket.on('error', () => undefined)
    return socket
  }
  const server = createServer({ allowHalfOpen: false }, (client) => {
    keep(client)
    const reach = (left: number): void => {
      const port = ports[turn++ % ports.length]!
      const behind = keep(connect(port, '127.0.0.1'))
      const pass = () => (left > 1 && !client.destroyed ? reach(left - 1) : client.destroy())
      behind.once('error', pass)
      behind.once('connect', () => {
        behind.off('error', pass)
        given[port] = (given[port] ?? 0) + 1
        client.pipe(behind).pipe(client)
        client.once('close', () => behind.destroy())
        behind.once('close', () => client.destroy())
      })
    }
    reach(ports.length)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(listenOn, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    given: () => ({ ...given }),
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
