import type { Log } from '#kernel/log.ts'
import type { EventDatabase, LoggedEvent } from './event.ts'
import { ExpiredCursor } from './expired.ts'
import { type Bounds, isWanted, readBounds, readStretch, type Stretch, type Wanted } from './log-rows.ts'
import { EVENT_CHANNEL } from './sequencer.ts'
import { Tail } from './tail.ts'

export type { LoggedEvent } from './event.ts'
export { CursorExpired, ExpiredCursor } from './expired.ts'
export type { Bounds, Stretch, Wanted } from './log-rows.ts'

export interface Follow extends Wanted {
  /** The last position already known. Absent: only what comes from now on. */
  after?: number | undefined
  /** Ends the reading, at once and without an error. */
  signal?: AbortSignal | undefined
}

const PAGE = 500

/** Reads the log of one database. Keep one per process: all its followers share one live tail. */
export class EventLog implements AsyncDisposable {
  readonly database: EventDatabase
  readonly #tail: Tail

  constructor(options: { database: EventDatabase; log: Log; wakeChannel?: string }) {
    this.database = options.database
    this.#tail = new Tail(options.database, options.log, options.wakeChannel ?? EVENT_CHANNEL)
  }

  /**
   * Reads events after a position, in order.
   * @throws CURSOR_EXPIRED when some of them are gone
   */
  async read({ after, limit, ...wanted }: Wanted & { after: number; limit: number }): Promise<LoggedEvent[]> {
    return (await readStretch(this.database, after, limit, wanted)).events
  }

  /** The same, with the position up to which the log was looked through. */
  stretch({ after, limit, ...wanted }: Wanted & { after: number; limit: number }): Promise<Stretch> {
    return readStretch(this.database, after, limit, wanted)
  }

  bounds(): Promise<Bounds> {
    return readBounds(this.database)
  }

  /**
   * Every wanted event after a position, then those to come, until the signal aborts or the loop is left.
   * Events are shared between followers and must not be changed.
   * @throws CURSOR_EXPIRED (an ExpiredCursor) when the reader is behind what is kept
   */
  follow(options: Follow): AsyncIterableIterator<LoggedEvent> {
    const stretches = this.stretches(options)
    let ready: LoggedEvent[] = []
    let next = 0
    const iterator: AsyncIterableIterator<LoggedEvent> = {
      next: async () => {
        while (next >= ready.length) {
          const { done, value } = await stretches.next()
          if (done) return { done: true, value: undefined }
          ready = value.events
          next = 0
        }
        return { done: false, value: ready[next++]! }
      },
      return: async () => {
        ready = []
        await stretches.return?.()
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }

  /** As `follow`, by stretches: what is there at once comes at once, and stretches without a wanted event tell their position. */
  stretches({ after, signal, ...wanted }: Follow): AsyncIterableIterator<Stretch> {
    const left = new AbortController()
    const signals = [left.signal, this.#tail.closed, ...(signal ? [signal] : [])]
    const generator = this.#stretches(after, wanted, AbortSignal.any(signals))
    const iterator: AsyncIterableIterator<Stretch> = {
      next: () => generator.next(),
      // A generator that waits does not hear of `return` before it wakes: the signal wakes it.
      return: async () => {
        left.abort()
        await generator.return(undefined)
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tail[Symbol.asyncDispose]()
  }

  async *#stretches(after: number | undefined, wanted: Wanted, signal: AbortSignal): AsyncGenerator<Stretch> {
    await this.#tail.start()
    const { oldest, head } = await this.bounds()
    let position = after ?? head
    if (position + 1 < oldest || position > head) throw new ExpiredCursor(oldest)
    // A database that was put back to an earlier day, which the tail has not noticed yet.
    if (head < this.#tail.head) this.#tail.restart(head)
    while (!signal.aborted) {
      const live = this.#tail.since(position)
      if (live === undefined) {
        const stretch = await readStretch(this.database, position, PAGE, wanted)
        position = stretch.position
        yield stretch
        // The tail may be a moment behind what we just read.
        if (position > this.#tail.head) await this.#tail.grown(position - 1, signal)
      } else if (live.length > 0) {
        position = live.at(-1)!.pos
        yield { events: live.filter((event) => isWanted(event, wanted)), position }
      } else await this.#tail.grown(position, signal)
    }
  }
}
