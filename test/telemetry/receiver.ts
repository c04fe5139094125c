import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ReceivedSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  links?: { traceId: string; spanId: string }[]
  status?: { code?: number; message?: string }
  said: Record<string, string | number>
}

/** A receiver of traces as OTLP over HTTP with JSON sends them. */
export const startReceiver = async () => {
  const spans: ReceivedSpan[] = []
  const texts: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    texts.push(text)
    for (const { scopeSpans } of JSON.parse(text).resourceSpans)
      for (const { spans: some } of scopeSpans)
        for (const { attributes, ...span } of some) {
          const said = Object.fromEntries(
            attributes.map(({ key, value }: { key: string; value: Record<string, unknown> }) => [
              key,
              Object.values(value)[0],
            ]),
          )
          spans.push({ ...span, said })
        }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    /** Everything that was sent, as it was sent. */
    texts,
    /** The spans of a trace whose chain of parents leads to this one. */
    below: (top: ReceivedSpan): ReceivedSpan[] => {
      const byId = new Map(spans.map((span) => [span.spanId, span]))
      const leads = (span: ReceivedSpan): boolean => {
        const parent = byId.get(span.parentSpanId ?? '')
        return parent !== undefined && (parent === top || leads(parent))
      }
      return spans.filter(leads)
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
