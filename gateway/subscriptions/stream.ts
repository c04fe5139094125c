import type { ExecutionResult } from 'graphql'
import { backoff } from '#kernel/backoff.ts'
import { sleep } from '#kernel/clock.ts'
import { Unavailable } from '#kernel/errors.ts'
import { asGraphQLError, revive } from '../errors.ts'
import type { Sink, UpstreamResult } from './upstream.ts'

export interface StreamLimits {
  /** Events that may wait for one client. */
  queue: number
  /** Events of one client that are completed from other subgraphs at the same time. */
  concurrent: number
  /** How long a client may take for one event while its queue is full, in milliseconds. */
  slowMs: number
}

export const STREAM_LIMITS: StreamLimits = { queue: 500, concurrent: 8, slowMs: 5_000 }

interface StreamOptions {
  /** Starts the subgraph's stream behind a cursor, from now on without one. Answers how to end it. */
  subscribe(after: string | undefined, sink: Sink): () => void
  /** The place `now` in the subgraph's log, so that nothing is missed before the first event. Undefined: unknown. */
  position(): Promise<string | undefined>
  /** Makes the client's result of an event. Never throws. */
  run(event: UpstreamResult, signal: AbortSignal): Promise<ExecutionResult>
  /** Whether the stream can go on from a cursor. */
  isResumable: boolean
  after: string | undefined
  limits: StreamLimits
  /** The client does not take what it asked for. */
  slow(): void
}

const RETRY_FIRST_MS = 50
const RETRY_CAP_MS = 2_000
/** How often in a row a stream that breaks for an unknown reason is taken up again. */
const MOST_BREAKS = 5

type Result = IteratorResult<ExecutionResult, undefined>
const DONE: Result = { done: true, value: undefined }

/**
 * One client's stream: every event once and in order. When the subgraph's stream is lost it is taken up again behind the
 * last event, and the client does not notice. Events are completed several at a time but handed out in their order.
 * What waits is bounded: a full queue lets go of the subgraph's stream until there is room again, and a client that does
 * not make room is reported as slow.
 */
export class ClientStream implements AsyncIterableIterator<ExecutionResult, undefined> {
  readonly #options: StreamOptions
  readonly #stop = new AbortController()
  /** As they came. */
  #waiting: UpstreamResult[] = []
  /** Being completed, in order. */
  #running: { result?: ExecutionResult }[] = []
  #cursor: string | undefined
  #end: (() => void) | undefined
  #failure: Error | undefined
  #wake: (() => void) | undefined
  #breaks = 0
  #attempt = 0
  #isPaused = false
  #isDelivering = false
  #slowTimer: NodeJS.Timeout | undefined

  constructor(options: StreamOptions) {
    this.#options = options
    this.#cursor = options.after
    void this.#attach()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<Result> {
    this.#isDelivering = false
    this.#progress()
    while (!this.#stop.signal.aborted) {
      const head = this.#running[0]
      if (head?.result) {
        this.#running.shift()
        this.#pump()
        this.#isDelivering = true
        return { done: false, value: head.result }
      }
      if (!head && this.#failure) {
        const failure = this.#failure
        await this.return()
        throw failure
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return DONE
  }

  /** Ends it at once, also while an event is awaited: a generator's own `return` would wait for the event. */
  async return(): Promise<Result> {
    this.#stop.abort()
    clearTimeout(this.#slowTimer)
    this.#detach()
    this.#waiting = []
    this.#running = []
    this.#wake?.()
    return DONE
  }

  #detach(): void {
    const end = this.#end
    this.#end = undefined
    end?.()
  }

  async #attach(): Promise<void> {
    const { isResumable, position, subscribe } = this.#options
    if (isResumable && this.#cursor === undefined) {
      try {
        this.#cursor = await position()
      } catch {
        return this.#reattach() // It does not answer yet.
      }
    }
    if (this.#stop.signal.aborted || this.#end) return
    let isOurs = true
    const sink: Sink = {
      next: (result) => {
        if (isOurs) this.#receive(result)
      },
      refused: (errors) => {
        if (!isOurs) return
        this.#end = undefined
        this.#broken(errors)
      },
      lost: () => {
        if (!isOurs) return
        this.#end = undefined
        if (isResumable) void this.#reattach()
        else this.#fail(asGraphQLError(Unavailable.with({ what: 'What you follow' })))
      },
    }
    const end = subscribe(this.#cursor, sink)
    this.#end = () => {
      isOurs = false
      end()
    }
  }

  async #reattach(): Promise<void> {
    this.#attempt++
    await sleep(backoff(this.#attempt, Math.random(), RETRY_FIRST_MS, RETRY_CAP_MS), this.#stop.signal)
    if (!this.#stop.signal.aborted && !this.#end && !this.#isPaused) await this.#attach()
  }

  #receive(result: UpstreamResult): void {
    const cursor = result.extensions?.cursor
    if (result.errors && result.data == null && cursor === undefined) {
      this.#detach()
      this.#broken(result.errors)
      return
    }
    this.#attempt = 0
    this.#breaks = 0
    if (cursor !== undefined) this.#cursor = cursor
    this.#waiting.push(result)
    this.#pump()
    if (this.#waiting.length >= this.#options.limits.queue) this.#pause()
  }

  /** The subgraph broke the stream off. Trouble of its own passes; a refusal is for the client. */
  #broken(errors: NonNullable<UpstreamResult['errors']>): void {
    const [first] = errors
    const code = first?.extensions?.code
    const passes = code === 'HUB_UNAVAILABLE' || (code === 'INTERNAL' && ++this.#breaks <= MOST_BREAKS)
    if (passes && this.#options.isResumable) void this.#reattach()
    else this.#fail(revive(first ?? Unavailable.with({ what: 'What you follow' })))
  }

  #fail(error: Error): void {
    this.#failure = error
    this.#wake?.()
  }

  #pump(): void {
    while (this.#running.length < this.#options.limits.concurrent) {
      const event = this.#waiting.shift()
      if (!event) break
      const entry: { result?: ExecutionResult } = {}
      this.#running.push(entry)
      void this.#options.run(event, this.#stop.signal).then((result) => {
        entry.result = result
        this.#wake?.()
      })
    }
  }

  #pause(): void {
    if (!this.#options.isResumable) {
      // It could not be taken up again: whoever does not keep up loses it.
      this.#options.slow()
      void this.return()
      return
    }
    this.#isPaused = true
    this.#detach()
    this.#watch()
  }

  /** The client took something: its time begins anew, and with half the queue free the stream goes on. */
  #progress(): void {
    if (!this.#isPaused) return
    if (this.#waiting.length <= this.#options.limits.queue / 2) {
      this.#isPaused = false
      clearTimeout(this.#slowTimer)
      void this.#attach()
    } else this.#watch()
  }

  #watch(): void {
    clearTimeout(this.#slowTimer)
    this.#slowTimer = setTimeout(() => {
      // While other subgraphs complete the next event, it is not the client that is slow.
      if (!this.#isDelivering) return this.#watch()
      this.#options.slow()
      void this.return()
    }, this.#options.limits.slowMs)
  }
}
