import { sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import type { EventDatabase, LoggedEvent } from './event.ts'
import { CursorExpired } from './expired.ts'
import { confirmPlace, type Place, readPlace, readStretch } from './log-rows.ts'

/** How long an event may stay unseen when no NOTIFY gets through. */
const BACKSTOP_MS = 1000
const PAGE = 1000
const KEPT = 4000

/**
 * The newest events of a log, read once per process for all its followers. Followers pull from it by position, so a slow
 * one costs nothing: when it falls off the end it reads the table until it is back.
 */
export class Tail implements AsyncDisposable {
  readonly #database: EventDatabase
  readonly #log: Log
  readonly #closed = new AbortController()
  readonly #listening: AsyncDisposable
  readonly #waiting = new Set<() => void>()
  #running: Promise<void> | undefined
  /** All events after `#from` and up to `#from + #events.length`, since positions have no gaps. */
  #from = 0
  /** Of the position `#from`. */
  #stamp: string | undefined
  #life = 0
  #events: LoggedEvent[] = []
  #woken = new AbortController()

  constructor(database: EventDatabase, log: Log, channel: string) {
    this.#database = database
    this.#log = log
    this.#listening = database.listen(channel, () => this.#woken.abort())
  }

  get head(): number {
    return this.#from + this.#events.length
  }

  /** Counts how often it began anew: whoever follows then has to ask whether the log is still the one that it knows. */
  get life(): number {
    return this.#life
  }

  /** Starts reading, once. @throws HUB_UNAVAILABLE when the log's end cannot be read */
  async start(): Promise<void> {
    if (this.#running || this.#closed.signal.aborted) return
    const { position, stamp } = await readPlace(this.#database)
    if (this.#running) return
    this.#from = position
    this.#stamp = stamp
    this.#running = this.#run()
  }

  /** Forgets everything and goes on at a place: what it knew is of another log, or too far away. */
  restart({ position, stamp }: Place): void {
    this.#events = []
    this.#from = position
    this.#stamp = stamp
    this.#life++
    this.#tell()
  }

  /** The events after a position; undefined when the tail no longer (or not yet) knows them. */
  since(after: number): LoggedEvent[] | undefined {
    return after < this.#from || after > this.head ? undefined : this.#events.slice(after - this.#from)
  }

  /** Resolves when there is more after the position, when the tail began anew, or when the signal aborts. */
  async grown(after: number, signal: AbortSignal): Promise<void> {
    const life = this.#life
    while (this.head <= after && life === this.#life && !signal.aborted && !this.#closed.signal.aborted)
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#waiting.delete(done)
          signal.removeEventListener('abort', done)
          resolve()
        }
        this.#waiting.add(done)
        signal.addEventListener('abort', done, { once: true })
      })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort()
    this.#woken.abort()
    this.#tell()
    await this.#listening[Symbol.asyncDispose]()
    await this.#running
  }

  get closed(): AbortSignal {
    return this.#closed.signal
  }

  #tell(): void {
    for (const done of [...this.#waiting]) done()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed
    while (!signal.aborted) {
      const woken = new AbortController()
      this.#woken = woken
      try {
        while (!signal.aborted && (await this.#readPage()));
      } catch (error) {
        this.#log.warn({ err: error }, 'the end of the event log could not be read')
      }
      await sleep(BACKSTOP_MS, AbortSignal.any([woken.signal, signal]))
    }
  }

  /** Reads the next page; says whether there may be another. */
  async #readPage(): Promise<boolean> {
    const life = this.#life
    const { events } = await this.#readOn().catch(async (error: unknown) => {
      if (!CursorExpired.is(error)) throw error
      // Cut off for longer than events are kept, or the log was put back: followers are woken to find out, the tail goes on at the end.
      const end = await readPlace(this.#database)
      if (life === this.#life) this.restart(end)
      return { events: [] }
    })
    // Begun anew while the page was on its way: it does not continue what there is now.
    if (life !== this.#life) return true
    if (events.length === 0) return false
    this.#events.push(...events)
    const surplus = this.#events.length - KEPT
    if (surplus > 0) {
      this.#stamp = this.#events[surplus - 1]!.stamp
      this.#events.splice(0, surplus)
      this.#from += surplus
    }
    this.#tell()
    return events.length === PAGE
  }

  async #readOn() {
    const stretch = await readStretch(this.#database, this.head, PAGE, {})
    // Whatever comes next has to come after what is known: asked only when something came.
    if (stretch.events.length > 0)
      await confirmPlace(this.#database, { position: this.head, stamp: this.#end })
    return stretch
  }

  /** The stamp of the last position known. */
  get #end(): string | undefined {
    return this.#events.length > 0 ? this.#events.at(-1)!.stamp : this.#stamp
  }
}
