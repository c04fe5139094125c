import type { Log } from '#kernel/log.ts'
import type { EventDatabase, LoggedEvent } from './event.ts'
import {
  type Bounds,
  confirmPlace,
  isWanted,
  type Place,
  readBounds,
  readPlace,
  readStretch,
  type Stretch,
  type Wanted,
} from './log-rows.ts'
import { EVENT_CHANNEL } from './sequencer.ts'
import { Tail } from './tail.ts'

export type { LoggedEvent } from './event.ts'
export { CursorExpired, ExpiredCursor } from './expired.ts'
export type { Bounds, Place, Stretch, Wanted } from './log-rows.ts'

export interface Follow extends Wanted {
  /** The last position already known. Absent: only what comes from now on. */
  after?: number | undefined
  /** The stamp it bore when it was learned of. */
  stamp?: string | undefined
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

  /** The place of a position, or of its last event. */
  place(position?: number): Promise<Place> {
    return readPlace(this.database, position)
  }

  /**
   * The same for somebody who knows a place in it.
   * @throws CURSOR_EXPIRED when what follows the place is gone, or the log was put back to a day before it
   */
  confirm(place: Place): Promise<Bounds> {
    return confirmPlace(this.database, place)
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
  stretches({ after, stamp, signal, ...wanted }: Follow): AsyncIterableIterator<Stretch> {
    const left = new AbortController()
    const signals = [left.signal, this.#tail.closed, ...(signal ? [signal] : [])]
    const generator = this.#stretches(after, stamp, wanted, AbortSignal.any(signals))
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

  async *#stretches(
    after: number | undefined,
    known: string | undefined,
    wanted: Wanted,
    signal: AbortSignal,
  ): AsyncGenerator<Stretch> {
    await this.#tail.start()
    const end = await this.place()
    let position = after ?? end.position
    let stamp = after === undefined ? end.stamp : known
    let life = this.#tail.life
    await this.confirm({ position, stamp })
    // A database that was put back to an earlier day, which the tail has not noticed yet.
    if (end.position < this.#tail.head) this.#tail.restart(end)
    while (!signal.aborted) {
      if (life !== this.#tail.life) {
        life = this.#tail.life
        await this.confirm({ position, stamp })
      }
      const live = this.#tail.since(position)
      if (live === undefined) {
        const stretch = await readStretch(this.database, position, PAGE, wanted)
        ;({ position, stamp } = stretch)
        yield stretch
        // The tail may be a moment behind what we just read.
        if (position > this.#tail.head) await this.#tail.grown(position - 1, signal)
      } else if (live.length > 0) {
        const last = live.at(-1)!
        position = last.pos
        stamp = last.stamp
        yield { events: live.filter((event) => isWanted(event, wanted)), position, stamp }
      } else await this.#tail.grown(position, signal)
    }
  }
}
