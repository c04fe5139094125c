import { connect, createServer, type Socket } from 'node:net'

export interface Proxy extends AsyncDisposable {
  /** The connection string, through the proxy. */
  through(url: string): string
  /** Connections that were ever made. */
  readonly connections: number
  /** From now on nothing passes in either direction on the connections there are, and neither end is told. */
  freeze(): void
}

/**
 * A TCP proxy that can turn connections half-open, as a firewall does that forgets them.
 * @param port to listen on, so that another one may take its place; default: any
 */
export const tcpProxy = async (target: string, port?: number): Promise<Proxy> => {
  const to = new URL(target)
  const pairs: [Socket, Socket][] = []
  const server = createServer((near) => {
    const far = connect(Number(to.port), to.hostname)
    pairs.push([near, far])
    for (const socket of [near, far]) socket.on('error', () => socket.destroy())
    near.pipe(far)
    far.pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(port ?? 0, '127.0.0.1', resolve))
  const address = server.address()
  const nearPort = typeof address === 'object' && address ? address.port : 0
  return {
    through: (url) => {
      const changed = new URL(url)
      changed.hostname = '127.0.0.1'
      changed.port = String(nearPort)
      return changed.href
    },
    get connections() {
      return pairs.length
    },
    freeze: () => {
      for (const [near, far] of pairs) {
        near.unpipe(far)
        far.unpipe(near)
        near.pause()
        far.pause()
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of pairs.flat()) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
