import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql'
import type { Clock } from '#kernel/clock.ts'
import { Unavailable } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { PLAN_HEADERS } from '#kernel/planning.ts'
import { PRINCIPAL_HEADER, type PrincipalSeal } from '#kernel/principal.ts'
import { askedHeaders } from '#telemetry/asked.ts'
import { fetches, timed } from '#telemetry/measures.ts'
import type { TraceParent } from '#telemetry/traceparent.ts'
import { beginStep } from '#telemetry/traces.ts'
import type { RequestContext } from '../execute.ts'
import type { Parts } from '../planning.ts'

/** What it says. `extensions` are for the hub’s own use. */
export type Answer = FormattedExecutionResult

/** A question as it is sent. */
export interface Question {
  /** The text of the operation, as it stands in the body. */
  operation: string
  /** JSON of `query`, `variables` and `operationName`. */
  body: string
  /** Whether asking twice is the same as asking once. */
  isSafe: boolean
}

/** A part of the graph that answers. */
export interface Subgraph {
  /** Asks it. Never throws: what went wrong is in the answer's errors. */
  ask(question: Question, context: RequestContext): Promise<Answer>
}

const MOST_BYTES = 32 * 1024 * 1024
const AFTER_HEADER = 'x-hub-after'
const BEHIND_HEADER = 'x-hub-behind'

/**
 * One subgraph as the executor asks it: over kept-alive connections, with the caller's signed principal, within the
 * request's deadline. A subgraph that does not answer gives HUB_UNAVAILABLE for its part; the others' answers stay.
 */
export class SubgraphSource implements Subgraph {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' })
  readonly #url: URL
  readonly #options: { name: string; url: string; seal: PrincipalSeal; log: Log; clock: Clock }
  #downSince: number | undefined

  constructor(options: { name: string; url: string; seal: PrincipalSeal; log: Log; clock: Clock }) {
    this.#options = options
    this.#url = new URL('/graphql', options.url)
  }

  /** Since when it has not answered, in milliseconds of the clock; undefined while it answers. */
  get downSince(): number | undefined {
    return this.#downSince
  }

  async ask({ body, isSafe }: Question, context: RequestContext): Promise<Answer> {
    const { name, log, clock } = this.#options
    try {
      const answer = await timed(
        () => this.#ask(body, context, isSafe),
        (seconds, error) => fetches.observe({ part: name, outcome: error ? 'failed' : 'answered' }, seconds),
      )
      this.#downSince = undefined
      return answer
    } catch (error) {
      // Said once when it begins; who keeps asking would otherwise fill the log.
      if (this.#downSince === undefined) log.warn({ err: error, part: name }, 'a subgraph did not answer')
      this.#downSince ??= clock.now().getTime()
      return { data: null, errors: [unavailable(name)] }
    }
  }

  /** Asks as a step of the operation's own, so that what the part does lies below it. */
  async #ask(body: string, context: RequestContext, isSafe: boolean): Promise<Answer> {
    const step = beginStep(`fetch ${this.#options.name}`, {
      parent: context.asked?.trace,
      kind: 'client',
      said: { 'hub.part': this.#options.name },
    })
    try {
      const answer = await this.#send(body, context, isSafe, step?.trace)
      step?.end()
      return answer
    } catch (error) {
      step?.end(error)
      throw error
    }
  }

  async #send(body: string, context: RequestContext, isSafe: boolean, trace?: TraceParent): Promise<Answer> {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      [PRINCIPAL_HEADER]: await this.#options.seal.sign(context.caller.principal),
      ...(context.after ? { [AFTER_HEADER]: context.after } : {}),
      ...askedHeaders(trace ? { ...context.asked, trace } : context.asked),
      ...planHeaders(context.parts, this.#options.name, isSafe),
    }
    const post = () => exchange(this.#url, { agent: this.#agent, headers, body, signal: context.signal })
    const { status, isBehind, cookies, text } = await post().catch((error: unknown) => {
      // The other side may close an idle connection in the moment we reuse it. Nothing was done, so ask again.
      if (isSafe && error instanceof StaleConnection) return post()
      throw error
    })
    const answer = readObject(text)
    if (!answer) throw new Error(`answered ${status} without a result`)
    if (status === 401 || status === 403 || status >= 500 || !('data' in answer || 'errors' in answer))
      throw new Error(`answered ${status}`)
    if (isBehind) context.behind.add(this.#options.name)
    context.cookies.push(...cookies)
    if (!isSafe) context.parts?.took(this.#options.name, answer)
    return answer as Answer
  }

  close(): void {
    this.#agent.destroy()
  }
}

const planHeaders = (parts: Parts | undefined, part: string, isSafe: boolean): Record<string, string> => {
  if (!parts) return {}
  // Nothing of a plan may take effect, also not what a read happens to write.
  if (!parts.expects) return { [PLAN_HEADERS.plan]: 'true' }
  return isSafe ? {} : { [PLAN_HEADERS.expects]: parts.next(part) }
}

/** The error of a part that does not answer. Its empty path becomes the place where the part was asked. */
export const unavailable = (part: string): GraphQLFormattedError => {
  const { message, code } = Unavailable.with({ what: `The part “${part}” of the graph` })
  return { message, path: [], extensions: { code, part } }
}

// The parser's own complaint would quote the text into the log.
const readObject = (text: string): object | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined // Its caller says so, without the text.
  }
}

class StaleConnection extends Error {}

const exchange = (
  url: URL,
  options: { agent: Agent; headers: Record<string, string>; body: string; signal: AbortSignal },
): Promise<{ status: number; isBehind: boolean; cookies: string[]; text: string }> =>
  new Promise((resolve, reject) => {
    const { agent, headers, signal } = options
    const request = httpRequest(url, { method: 'POST', agent, headers, signal }, (response) => {
      const isBehind = response.headers[BEHIND_HEADER] !== undefined
      const cookies = response.headers['set-cookie'] ?? []
      read(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, isBehind, cookies, text }),
        reject,
      )
    })
    request.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        request.reusedSocket && error.code === 'ECONNRESET'
          ? new StaleConnection('the connection was closed', { cause: error })
          : error,
      ),
    )
    request.end(options.body)
  })

const read = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) {
      response.destroy()
      throw new Error('answered too much')
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
