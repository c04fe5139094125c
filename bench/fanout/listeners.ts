/** Clients that follow the same, in a process of their own: opens so many sockets, and tells what they hear. */
import { WebSocket } from 'ws'

/** What to follow, told by the process that forked this one. */
export interface Listening {
  url: string
  token: string
  sockets: number
  query: string
}

/** What this process says: how many sockets have heard anything yet, what all have heard together, and what went wrong first. */
export interface Heard {
  joined: number
  heard: number
  failure?: string
}

/** So many sockets are being opened at a time. */
const AT_A_TIME = 50
const SAID_EVERY_MS = 5

const listen = async ({ url, token, sockets, query }: Listening): Promise<void> => {
  const said: Heard = { joined: 0, heard: 0 }
  const fail = (failure: string) => {
    said.failure ??= failure
  }
  const open = (): Promise<void> =>
    new Promise((resolve) => {
      let hasJoined = false
      const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
      socket.on('open', () => {
        socket.send(
          JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }),
        )
      })
      socket.on('message', (data: Buffer) => {
        // Reading every event as JSON would take this process more than the gateway takes for it.
        if (hasJoined && data.includes('"type":"next"') && !data.includes('"errors"')) {
          said.heard += 1
          return
        }
        const { type, payload } = JSON.parse(String(data))
        if (type === 'connection_ack') {
          socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))
          resolve()
        } else if (type === 'next' && payload.data && !payload.errors) {
          if (!hasJoined) said.joined += 1
          hasJoined = true
          said.heard += 1
        } else if (type === 'ping') socket.send('{"type":"pong"}')
        else if (type !== 'pong') fail(String(data))
      })
      socket.on('error', (error) => fail(error.message))
      socket.on('close', (code, reason) => {
        fail(`closed with ${code} ${reason}`)
        resolve()
      })
    })
  let left = sockets
  const opener = async () => {
    while (left-- > 0) await open()
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, opener))
  let before = ''
  setInterval(() => {
    const now = JSON.stringify(said)
    if (now !== before) process.send?.(said)
    before = now
  }, SAID_EVERY_MS)
  process.send?.(said)
}

if (import.meta.main) {
  process.once('message', (listening: Listening) => void listen(listening))
  process.once('disconnect', () => process.exit(0))
}
