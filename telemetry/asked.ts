/** From where a request came, for as long as it is worked on: what lines of the log, audit rows and traces name it by. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingHttpHeaders } from 'node:http'
import { readTraceParent, type TraceParent, writeTraceParent } from './traceparent.ts'

/** How the gateway tells a subgraph by which door, and with which idempotency key, a request came in. */
export const ASKED_HEADERS = {
  door: 'x-hub-door',
  key: 'x-hub-idempotency-key',
  trace: 'traceparent',
} as const

export interface Asked {
  trace?: TraceParent | undefined
  door?: string | undefined
  idempotencyKey?: string | undefined
}

const storage = new AsyncLocalStorage<Asked>()

/** From where what is being done was asked for; empty for what nobody asked for. */
export const asked = (): Asked => storage.getStore() ?? {}

/** By which lines of the log are found that belong to one request, in whichever process. */
export const traceOfLine = (): { traceId?: string } => {
  const { trace } = asked()
  return trace ? { traceId: trace.traceId } : {}
}

/** Does what a request asks for, under what it says of itself. */
export const whileAsked = <T>(by: Asked, run: () => T): T => storage.run(by, run)

/** What a request of the gateway says of itself. */
export const askedBy = (headers: IncomingHttpHeaders): Asked => {
  const { [ASKED_HEADERS.door]: door, [ASKED_HEADERS.key]: key, [ASKED_HEADERS.trace]: trace } = headers
  return {
    trace: readTraceParent(trace),
    ...(typeof door === 'string' ? { door } : {}),
    ...(typeof key === 'string' ? { idempotencyKey: key } : {}),
  }
}

/** The same, as the gateway sends it on. */
export const askedHeaders = ({ door, idempotencyKey, trace }: Asked = {}): Record<string, string> => ({
  ...(door ? { [ASKED_HEADERS.door]: door } : {}),
  ...(idempotencyKey ? { [ASKED_HEADERS.key]: idempotencyKey } : {}),
  ...(trace ? { [ASKED_HEADERS.trace]: writeTraceParent(trace) } : {}),
})
