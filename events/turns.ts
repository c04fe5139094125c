import type { LoggedEvent } from './event.ts'
import type { Place } from './log-rows.ts'

interface Queue {
  orgId: string
  events: LoggedEvent[]
  /** Last position that is in the queue or was; what came after it was let go while `isBehind`. */
  last: number
  /** The queue was full when events came: they must be read again from the source. */
  isBehind: boolean
  letGo: number
  failures: number
  notBefore: number
}

/** The next thing to do: events of one organisation to apply, or a queue to fill again with what comes after a position. */
export type Turn = { orgId: string; events: LoggedEvent[] } | { orgId: string; after: number; until: number }

/**
 * What was read ahead, by organisation. Reading never waits for applying: an organisation whose queue is full falls
 * behind and is read again on its own later. So memory is bounded, and an import of one does not hide the event of another.
 */
export class Turns {
  readonly #perOrg: number
  readonly #total: number
  readonly #queues = new Map<string, Queue>()
  #scanned: Place
  #held = 0

  /**
   * @param from the position up to which everything is done
   * @param limits most events kept of one organisation and of all
   */
  constructor(from: number, limits: { perOrg: number; total: number }) {
    this.#scanned = { position: from }
    this.#perOrg = limits.perOrg
    this.#total = limits.total
  }

  /** How far the source was read. */
  get scanned(): Place {
    return this.#scanned
  }

  get isEmpty(): boolean {
    return this.#queues.size === 0
  }

  /** How many events are held in memory. */
  get held(): number {
    return this.#held
  }

  /** Everything up to here is done, for every organisation: what a restart may leave out. */
  get low(): number {
    let low = this.#scanned.position
    for (const { events, last } of this.#queues.values())
      low = Math.min(low, events[0] ? events[0].pos - 1 : last)
    return low
  }

  /** Takes the next event of the source in. */
  offer(event: LoggedEvent): void {
    this.#scanned = { position: event.pos, stamp: event.stamp }
    let queue = this.#queues.get(event.orgId)
    if (!queue) {
      const { orgId, pos } = event
      queue = { orgId, events: [], last: pos - 1, isBehind: false, letGo: 0, failures: 0, notBefore: 0 }
      this.#queues.set(orgId, queue)
    }
    if (queue.isBehind || queue.events.length >= this.#perOrg || this.#held >= this.#total) {
      queue.isBehind = true
      queue.letGo++
      return
    }
    queue.events.push(event)
    queue.last = event.pos
    this.#held++
  }

  /** The source was read up to here without a wanted event. */
  progress(place: Place): void {
    if (place.position >= this.#scanned.position) this.#scanned = place
  }

  /**
   * The next organisation's turn; undefined when none has anything to do at this time.
   * @param now a monotonic time in milliseconds
   */
  next(now: number, size: number): Turn | undefined {
    for (const [orgId, queue] of this.#queues) {
      if (queue.notBefore > now) continue
      this.#queues.delete(orgId)
      this.#queues.set(orgId, queue)
      if (queue.events.length > 0) return { orgId, events: queue.events.slice(0, size) }
      queue.letGo = 0
      return { orgId, after: queue.last, until: this.#scanned.position }
    }
    return undefined
  }

  /** The earliest time at which a postponed organisation may go on. */
  get soonest(): number {
    return Math.min(...Array.from(this.#queues.values(), ({ notBefore }) => notBefore))
  }

  /** An organisation's events up to a position are done. */
  settle(orgId: string, upTo: number): void {
    const queue = this.#queues.get(orgId)
    if (!queue) return
    const rest = queue.events.findIndex(({ pos }) => pos > upTo)
    const done = rest < 0 ? queue.events.length : rest
    queue.events.splice(0, done)
    this.#held -= done
    if (done > 0) queue.failures = 0
    if (queue.events.length === 0 && !queue.isBehind) this.#queues.delete(orgId)
  }

  /** An organisation must wait until a time. Answers how often in a row. */
  postpone(orgId: string, until: (failures: number) => number): void {
    const queue = this.#queues.get(orgId)
    if (queue) queue.notBefore = until(++queue.failures)
  }

  /**
   * An organisation that was behind gets the events it asked for.
   * @param reached up to which position they are all
   * @param until the position that was asked for
   */
  refill(orgId: string, events: readonly LoggedEvent[], reached: number, until: number): void {
    const queue = this.#queues.get(orgId)
    if (!queue) return
    queue.events.push(...events)
    this.#held += events.length
    queue.last = reached
    // Whole only when nothing was let go while the page was on its way.
    queue.isBehind = reached < until || queue.letGo > 0
    if (queue.events.length === 0 && !queue.isBehind) this.#queues.delete(orgId)
  }
}
