/** Subscriptions to a played subgraph (graphql-transport-ws): each event goes to whoever follows anything, when it is told to. */
import type { Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'

/** What a subscriber asked for. */
export interface Followed {
  query: string
  operationName?: string
  variables?: Record<string, unknown>
}

/** The JSON of a result: the nth event as this subscriber wants it told. */
export type Tell = (followed: Followed, event: number) => Promise<string>

interface Message {
  id: string
  type: string
  payload: Followed
}

/** Serves subscriptions on a server. @returns tells everybody the nth event */
export const serveStreams = (server: Server, tell: Tell): ((event: number) => Promise<void>) => {
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' })
  const followers = new Map<string, { socket: WebSocket; id: string; followed: Followed }>()
  let opened = 0
  sockets.on('connection', (socket) => {
    const own = `${opened++}/`
    const of = (id: string) => own + id
    socket.on('message', (data) => {
      const { id, type, payload } = JSON.parse(String(data)) as Message
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}')
      if (type === 'ping') socket.send('{"type":"pong"}')
      if (type === 'subscribe') followers.set(of(id), { socket, id, followed: payload })
      if (type === 'complete') followers.delete(of(id))
    })
    socket.on('close', () => {
      for (const key of followers.keys()) if (key.startsWith(own)) followers.delete(key)
    })
  })
  return async (event) => {
    // Who asks the same is told the same: this process must not be what is measured.
    const told = new Map<string, Promise<string>>()
    for (const { socket, id, followed } of [...followers.values()]) {
      const key = JSON.stringify(followed)
      const text = told.get(key) ?? tell(followed, event)
      told.set(key, text)
      socket.send(`{"id":${JSON.stringify(id)},"type":"next","payload":${await text}}`)
    }
  }
}
