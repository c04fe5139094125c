/** A client that opens as many subscriptions as it can over one socket: `flood.ts <url> <token> <count>`. Tells how many were refused. */
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

export interface Refused {
  /** How many, by code. */
  codes: Record<string, number>
}

const [url = '', token = '', count = ''] = process.argv.slice(2)
const codes: Record<string, number> = {}
const client = createClient({
  url: `${url.replace('http', 'ws')}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: { authorization: `Bearer ${token}` },
  retryAttempts: 0,
  lazy: false,
  onNonLazyError: () => undefined,
})
const refuse = (code: string) => {
  codes[code] = (codes[code] ?? 0) + 1
}
for (let n = 0; n < Number(count); n++)
  client.subscribe(
    { query: 'subscription ($after: Cursor) { syncEvents(after: $after) { id } }' },
    {
      next: ({ errors }) => errors && refuse(String(errors[0]?.extensions?.code)),
      error: () => refuse('CLOSED'),
      complete: () => undefined,
    },
  )
setInterval(() => process.connected && process.send?.({ codes } satisfies Refused, () => undefined), 100)
// Whoever started this ends it by going.
process.once('disconnect', () => process.exit())
