import { Agent } from 'node:http'
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql'
import { type Clock, sleep } from '#kernel/clock.ts'
import { Unavailable } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { PLAN_HEADERS } from '#kernel/planning.ts'
import { PRINCIPAL_HEADER, type Principal, type PrincipalSeal } from '#kernel/principal.ts'
import { type Asked, askedHeaders } from '#telemetry/asked.ts'
import { fetches, timed } from '#telemetry/measures.ts'
import { beginStep } from '#telemetry/traces.ts'
import type { RequestContext } from '../execute.ts'
import { textOf } from '../identity/principal-text.ts'
import type { Parts } from '../planning.ts'
import { Breaker, type BreakerState } from './breaker.ts'
import { type Address, type Exchanged, exchange, NoAnswer, READ_HEADER } from './exchange.ts'
import { InFlight } from './in-flight.ts'

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

const AFTER_HEADER = 'x-hub-after'
/**
 * When a read is asked again whose connection was closed instead of answered. More than once: of several processes behind one
 * address, the one that stops may be given the second connection as well.
 */
const AGAIN_AFTER_MS = [0, 50, 200]
const ONCE_HEADER = 'x-hub-once'

interface SourceOptions {
  name: string
  url: string
  seal: PrincipalSeal
  log: Log
  clock: Clock
  /** How long it may say nothing, in milliseconds, before a request goes on without it. */
  patienceMs: number
  /** Told when a change was made, or may have been, that was asked for here. */
  changed?: ((part: string, organisation: string) => void) | undefined
}

/** How a part has been doing since this process asks it. */
export interface SourceHealth {
  state: BreakerState
  /** Requests sent. */
  asked: number
  /** Of them, those that brought no answer. */
  failed: number
  /** Questions answered by the request of another. */
  shared: number
  /** Questions not asked because it has not answered lately. */
  spared: number
}

/** One request to a part. `own` is what is sent beside the principal and changes the answer as well. */
interface Asking {
  body: string
  isSafe: boolean
  own: Record<string, string>
  principal: Principal
  signal: AbortSignal
}

/**
 * One subgraph as the executor asks it: over kept-alive connections, with the caller's signed principal, within the
 * request's deadline. A subgraph that does not answer gives HUB_UNAVAILABLE for its part; the others' answers stay.
 * The same read asked for by the same principal is asked once while it is under way.
 */
export class SubgraphSource implements Subgraph {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' })
  readonly #to: Address
  readonly #options: SourceOptions
  readonly #breaker: Breaker
  readonly #reads = new InFlight<Answered>()
  readonly #counts = { asked: 0, failed: 0, spared: 0 }
  #downSince: number | undefined

  constructor(options: SourceOptions) {
    this.#options = options
    this.#breaker = new Breaker(options.clock)
    const { hostname, host, port } = new URL(options.url)
    // As sockets take an address of IPv6: without the brackets.
    this.#to = { host: hostname.replace(/^\[|\]$/g, ''), port: port || 80, path: '/graphql', named: host }
  }

  /** Since when it has not answered, in milliseconds of the clock; undefined while it answers. */
  get downSince(): number | undefined {
    return this.#downSince
  }

  get health(): SourceHealth {
    return { state: this.#breaker.state, ...this.#counts, shared: this.#reads.shared }
  }

  async ask({ body, isSafe }: Question, context: RequestContext): Promise<Answer> {
    const { name } = this.#options
    const { principal } = context.caller
    try {
      const own = this.#ownHeaders(context, isSafe)
      const fetch = async (signal: AbortSignal): Promise<Answered> => {
        // What the part tells from now on may not have gone into its answer.
        const count = context.keeping?.countOf(name) ?? 0
        const answer = await this.#fetch({ body, isSafe, own, principal, signal }, context.asked)
        return { ...answer, count }
      }
      const { isBehind, cookies, read, count, take } =
        isSafe && !context.parts
          ? await this.#reads.share(readKey(principal, own, body), context.signal, fetch)
          : await fetch(context.signal)
      const answer = take()
      if (isBehind) context.behind.add(name)
      context.keeping?.answered(name, read && { ...read, count })
      context.cookies.push(...cookies)
      if (!isSafe) context.parts?.took(name, answer)
      return answer
    } catch {
      return { data: null, errors: [unavailable(name)] }
    } finally {
      if (!isSafe) this.#reads.close()
      if (!isSafe && principal.orgId !== null) this.#options.changed?.(name, principal.orgId)
    }
  }

  /** What is sent beside the principal: it changes the answer as well. */
  #ownHeaders(context: RequestContext, isSafe: boolean): Record<string, string> {
    return {
      ...(context.after ? { [AFTER_HEADER]: context.after } : {}),
      ...(context.once && !isSafe ? { [ONCE_HEADER]: context.once } : {}),
      ...(context.keeping ? { [READ_HEADER]: 'tell' } : {}),
      ...planHeaders(context.parts, this.#options.name, isSafe),
    }
  }

  /** Asks as a step of the operation's own, so that what the part does lies below it. Who shares the answer is named by the first. */
  async #fetch(asking: Asking, from: Asked = {}): Promise<Exchange> {
    const { name } = this.#options
    const step = beginStep(`fetch ${name}`, {
      parent: from.trace,
      kind: 'client',
      said: { 'hub.part': name },
    })
    const fetched = () => this.#send(asking, step ? { ...from, trace: step.trace } : from)
    try {
      const answer = await timed(fetched, (seconds, error) =>
        fetches.observe({ part: name, outcome: error ? 'failed' : 'answered' }, seconds),
      )
      step?.end()
      return answer
    } catch (error) {
      step?.end(error)
      throw error
    }
  }

  /** Asks, and keeps account of how that went. Rejects when it did not go well. */
  async #send({ body, isSafe, own, principal, signal }: Asking, from: Asked): Promise<Exchange> {
    const { name, log, clock, seal, patienceMs } = this.#options
    if (!this.#breaker.admits()) {
      this.#counts.spared++
      throw new Error('has not answered lately')
    }
    this.#counts.asked++
    try {
      const headers = {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        [PRINCIPAL_HEADER]: await seal.sign(principal),
        ...own,
        ...askedHeaders(from),
      }
      const post = async (times: number): Promise<Exchanged> => {
        // The other connections that are kept to it may be closing as well.
        const agent = times === 0 ? this.#agent : false
        try {
          return await exchange(this.#to, { agent, headers, body, signal, patienceMs })
        } catch (error) {
          const waitMs = AGAIN_AFTER_MS[times]
          if (!isSafe || waitMs === undefined || !(error instanceof NoAnswer)) throw error
          await sleep(waitMs, signal)
          return post(times + 1)
        }
      }
      const answer = answered(await post(0))
      this.#downSince = undefined
      this.#breaker.succeeded()
      return answer
    } catch (error) {
      if (signal.aborted) this.#breaker.leftAlone()
      else {
        this.#counts.failed++
        this.#breaker.failed()
      }
      // Said once when it begins; who keeps asking would otherwise fill the log.
      if (this.#downSince === undefined) log.warn({ err: error, part: name }, 'a subgraph did not answer')
      this.#downSince ??= clock.now().getTime()
      throw error
    }
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

/** Two reads are the same only with everything that can change the answer: whoever asks, whole, above all. */
const readKey = (principal: Principal, own: Record<string, string>, body: string): string =>
  `${textOf(principal)}\n${JSON.stringify(own)}\n${body}`

/** An answer that may be taken by several: executing fills what it is given, so that each needs one of their own. */
interface Exchange extends Pick<Exchanged, 'isBehind' | 'cookies' | 'read'> {
  take(): Answer
}

interface Answered extends Exchange {
  /** What the part had told of touched tables when it was asked. */
  count: number
}

/** @throws when that is no answer of a subgraph, whatever it is */
const answered = ({ status, isBehind, cookies, read, text }: Exchanged): Exchange => {
  const first = readObject(text)
  if (!first) throw new Error(`answered ${status} without a result`)
  if (status === 401 || status === 403 || status >= 500 || !('data' in first || 'errors' in first))
    throw new Error(`answered ${status}`)
  let untaken: object | undefined = first
  const take = () => {
    const answer = untaken ?? JSON.parse(text)
    untaken = undefined
    return answer as Answer
  }
  return { isBehind, cookies, read, take }
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
