/** One HTTP call as a simulated vendor sees it. */
export interface SimRequest {
  method: string
  /** Path without the query, not yet percent-decoded. */
  path: string
  query: URLSearchParams
  /** Path and query as they came: what the journal keeps and what faults match. */
  target: string
  /** Lower-case names. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** The raw body; empty when there is none. */
  body: string
}

/** What a simulated vendor answers. A text body is sent as it is; anything else is sent as JSON; undefined sends none. */
export interface SimReply {
  status: number
  headers?: Record<string, string>
  body?: unknown
}

/** Thrown by a control call that cannot be understood; answered 400 with its message. */
export class ControlRefusal extends Error {}

/** A JSON object out of a request's body; an empty body is an empty object. Throws ControlRefusal. */
export const controlBody = (request: SimRequest): Record<string, unknown> => {
  if (request.body.trim() === '') return {}
  let value: unknown
  try {
    value = JSON.parse(request.body)
  } catch (error) {
    throw new ControlRefusal(`the body is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
  if (value === 'off') return { off: true }
  if (Array.isArray(value)) return { list: value }
  if (typeof value !== 'object' || value === null) throw new ControlRefusal('the body must be a JSON object')
  return value as Record<string, unknown>
}

/** Content as text with its type, ready to be sent or cut. */
export const serialise = (reply: SimReply): { text: string; headers: Record<string, string> } => {
  if (reply.body === undefined) return { text: '', headers: reply.headers ?? {} }
  const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
  return { text, headers: { 'content-type': 'application/json;charset=utf-8', ...reply.headers } }
}
