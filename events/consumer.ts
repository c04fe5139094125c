import { backoff } from '#kernel/backoff.ts'
import { type Clock, sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { Absence } from './absence.ts'
import type { EventDatabase, LoggedEvent } from './event.ts'
import { CursorExpired } from './expired.ts'
import { readEnd, readPage, readSnapshot } from './feed-client.ts'
import { Deposed, Inbox } from './inbox.ts'
import { whileLeading } from './leadership.ts'
import type { Place } from './log-rows.ts'
import type { Nats } from './nats.ts'
import { type Apply, listParked, type Parked, replay } from './parking.ts'
import { readSource, type Source, type Way } from './source-reader.ts'
import { Turns } from './turns.ts'

export interface ConsumerOptions {
  /** Who follows, such as `insights`. */
  name: string
  /** Whose log, such as `customers`. */
  source: string
  /** Base URL of the source. */
  url: string
  /** Where its log is copied to. Absent: it is read from the source alone. */
  nats?: Nats | undefined
  /** Events it wants; none named: all. */
  names: readonly string[]
  /** Where the effects go. */
  database: EventDatabase
  seal: PrincipalSeal
  clock: Clock
  log: Log
  /**
   * Applies events of one organisation, in order, in a transaction of the app role set to it. It may be called again with
   * the same events when the transaction did not commit, so it touches nothing but the transaction. What it throws parks
   * the event's key, unless the error says `retry: 'now' | 'later'`.
   */
  apply: Apply
  /** Most events applied in one transaction. Default 200. */
  batch?: number
  /** Most events read ahead, of one organisation and of all. Default 1,000 and 10,000. */
  readAhead?: { perOrg: number; total: number }
  /** After how much silence of the source the connection counts as dead. Default 15 s. */
  silenceMs?: number
  /** After how much silence of the stream the source is asked whether there is more. Default 5 s. */
  quietMs?: number
  /** For how long the source is away when a warning says so, once until it is back. Default 30 s. */
  longAwayMs?: number
}

const SAVE_EVERY_MS = 1000
const SNAPSHOT_BATCH = 500

/** Follows a sibling's feed and applies each event exactly once. One process of those that start it is active at a time. */
export const startConsumer = (options: ConsumerOptions): Consumer => new Consumer(options)

export class Consumer implements AsyncDisposable {
  readonly #options: ConsumerOptions
  readonly #feed: Source
  readonly #inbox: Inbox
  readonly #closed = new AbortController()
  readonly #running: Promise<void>
  #position = 0
  #leads = false
  #way: Way | undefined

  constructor(options: ConsumerOptions) {
    this.#options = options
    const { url, source, name, seal, nats, silenceMs, quietMs, database, log } = options
    const by = (way: Way) => {
      this.#way = way
    }
    this.#feed = {
      url,
      source,
      reader: name,
      seal,
      nats,
      by,
      ...(silenceMs ? { silenceMs } : {}),
      ...(quietMs ? { quietMs } : {}),
    }
    this.#inbox = new Inbox(options)
    const lock = `tributary consumer ${name} of ${source}`
    const { signal } = this.#closed
    this.#running = whileLeading({ database, name: lock, log, signal }, (leading) => this.#lead(leading))
  }

  /** Everything up to here took effect (or is parked), for every organisation. 0 while another process is the active one. */
  position(): number {
    return this.#position
  }

  /** Whether this process is the active one. */
  leads(): boolean {
    return this.#leads
  }

  /** By which way the source's log comes here at present; undefined while it does not. */
  way(): Way | undefined {
    return this.#leads ? this.#way : undefined
  }

  /** The events set aside, oldest first, at most 1,000. */
  parked(): Promise<Parked[]> {
    return listParked(this.#options.database, this.#options)
  }

  /**
   * Tries the events of a parked event's key again, in order, up to the first that fails.
   * @throws NOT_FOUND when no such event is parked
   */
  replayParked(id: number): Promise<{ applied: number; left: number }> {
    return replay(this.#options.database, this.#options, this.#options.apply, id)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort()
    await this.#running
  }

  async #lead(signal: AbortSignal): Promise<void> {
    this.#leads = true
    try {
      const { names } = this.#options
      const entered = await this.#inbox.enter(names)
      let { position } = entered
      if (position !== null && entered.seen && !(await this.#confirm(entered.seen, signal))) position = null
      // What was wanted before goes on where it was; only what is new to us comes as state.
      if (position !== null && entered.lacks && (await this.#loadState(entered.lacks, signal)) === null)
        return
      if (position !== null) await this.#inbox.saveNames(names)
      while (!signal.aborted) {
        if (position === null) position = await this.#takeSnapshot(signal)
        else if (await this.#follow(position, signal)) position = null
      }
    } finally {
      this.#leads = false
      this.#position = 0
    }
  }

  /** Whether the source still has what we know of it: not when it was put back to a day before that. */
  async #confirm(seen: Place, signal: AbortSignal): Promise<boolean> {
    try {
      await readEnd(this.#feed, seen, signal)
      return true
    } catch (error) {
      if (signal.aborted) return true
      if (!CursorExpired.is(error)) throw error
      const { log, source } = this.#options
      log.warn(
        { source, seen: seen.position },
        'knows of more than the source does: the source was put back to an earlier day',
      )
      return false
    }
  }

  /** Starts from the present state. Answers its position, or null when interrupted. */
  async #takeSnapshot(signal: AbortSignal): Promise<number | null> {
    const { names } = this.#options
    const place = await this.#loadState(names, signal)
    if (place === null) return null
    await this.#inbox.saveSnapshot(place)
    await this.#inbox.saveNames(names)
    return place.position
  }

  /** Applies the present state of some names (none: all). Answers its place, or null when interrupted. */
  async #loadState(names: readonly string[], signal: AbortSignal): Promise<Place | null> {
    const { log, source } = this.#options
    let place: Place | null = null
    let count = 0
    for await (const stretch of readSnapshot(this.#feed, names, signal)) {
      place = { position: stretch.position, stamp: stretch.stamp }
      count += stretch.events.length
      const byOrganisation = Map.groupBy(stretch.events, ({ orgId }) => orgId)
      for (const [orgId, events] of byOrganisation)
        for (let i = 0; i < events.length && !signal.aborted; i += SNAPSHOT_BATCH)
          await this.#deliverState(orgId, events.slice(i, i + SNAPSHOT_BATCH), signal)
    }
    if (place === null || signal.aborted) return null
    log.info({ source, position: place.position, events: count }, 'took a snapshot')
    return place
  }

  async #deliverState(orgId: string, events: LoggedEvent[], signal: AbortSignal): Promise<void> {
    let rest = events
    for (let failures = 0; rest.length > 0 && !signal.aborted; ) {
      const done = await this.#inbox.deliverState(orgId, rest)
      rest = rest.slice(done)
      if (rest.length > 0) await sleep(backoff(++failures, Math.random()), signal)
    }
  }

  /** Follows from a position until the signal aborts (false) or the source no longer has what comes next (true). */
  async #follow(from: number, signal: AbortSignal): Promise<boolean> {
    const { readAhead = { perOrg: 1000, total: 10_000 } } = this.#options
    const turns = new Turns(from, readAhead)
    this.#position = from
    const stop = new AbortController()
    const both = AbortSignal.any([signal, stop.signal])
    const state = { turns, woken: new AbortController(), readingEnded: false, saved: from, savedAt: 0 }
    const reading = this.#read(state, both).finally(() => {
      state.readingEnded = true
      state.woken.abort()
    })
    const applying = this.#apply(state, both)
    try {
      await Promise.all([reading, applying])
      return !signal.aborted
    } catch (error) {
      if (CursorExpired.is(error)) return true
      throw error
    } finally {
      stop.abort()
      await Promise.allSettled([reading, applying])
    }
  }

  /** Reads ahead, and connects again when the source goes away. Ends when the source no longer has what comes next. */
  async #read(state: Following, signal: AbortSignal): Promise<void> {
    const { log, names, source, longAwayMs } = this.#options
    const absence = new Absence(longAwayMs)
    for (let failures = 0; !signal.aborted; ) {
      try {
        const { position: after, stamp } = state.turns.scanned
        for await (const { events, ...place } of readSource(this.#feed, { after, stamp, names, signal })) {
          failures = 0
          absence.over()
          for (const event of events) state.turns.offer(event)
          state.turns.progress(place)
          if (events.length > 0) state.woken.abort()
        }
      } catch (error) {
        if (CursorExpired.is(error)) {
          log.warn({ source, after: state.turns.scanned.position }, 'is behind what the source keeps')
          return
        }
        log[absence.noted() ? 'warn' : 'info']({ err: error, source, failures }, 'the feed broke off')
        await sleep(backoff(++failures, Math.random(), 100, 5000), signal)
      }
    }
  }

  async #apply(state: Following, signal: AbortSignal): Promise<void> {
    const { turns } = state
    const size = this.#options.batch ?? 200
    while (!signal.aborted) {
      const turn = turns.next(performance.now(), size)
      if (turn && 'events' in turn) await this.#deliver(turns, turn.orgId, turn.events)
      else if (turn) await this.#refill(turns, turn, signal)
      else if (state.readingEnded && turns.isEmpty) break
      else await this.#pause(state, signal)
      this.#position = turns.low
      if (performance.now() - state.savedAt >= SAVE_EVERY_MS) await this.#save(state)
    }
    await this.#save(state)
  }

  async #deliver(turns: Turns, orgId: string, events: LoggedEvent[]): Promise<void> {
    const later = (failures: number) => performance.now() + backoff(failures, Math.random(), 100, 5000)
    try {
      const upTo = await this.#inbox.deliver(orgId, events)
      turns.settle(orgId, upTo)
      if (upTo < events.at(-1)!.pos) turns.postpone(orgId, later)
    } catch (error) {
      const { log, source } = this.#options
      log.warn({ err: error, source, orgId }, 'events could not be applied yet')
      turns.postpone(orgId, later)
    }
  }

  async #refill(
    turns: Turns,
    { orgId, after, until }: { orgId: string; after: number; until: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { names, readAhead } = this.#options
    const limit = Math.min(readAhead?.perOrg ?? 1000, 5000)
    try {
      const query = { after, until, org: orgId, names, limit }
      const page = await readPage(this.#feed, query, signal)
      if (!signal.aborted) turns.refill(orgId, page.events, page.position, until)
    } catch (error) {
      if (CursorExpired.is(error)) throw error
      this.#options.log.debug({ err: error, orgId }, 'events could not be read again yet')
      turns.postpone(orgId, (failures) => performance.now() + backoff(failures, Math.random(), 100, 5000))
    }
  }

  /** Waits for more to read, for a postponed organisation's time, or for the time to save. */
  async #pause(state: Following, signal: AbortSignal): Promise<void> {
    const untilTurn = state.turns.soonest - performance.now()
    if (!state.woken.signal.aborted)
      await sleep(Math.min(untilTurn, SAVE_EVERY_MS), AbortSignal.any([state.woken.signal, signal]))
    state.woken = new AbortController()
  }

  async #save(state: Following): Promise<void> {
    const { low, scanned } = state.turns
    state.savedAt = performance.now()
    if (low === state.saved) return
    try {
      await this.#inbox.save(low, scanned)
      state.saved = low
    } catch (error) {
      // The marks hold what matters; after a restart only more is read again. Not when another process leads: then all ends here.
      if (error instanceof Deposed) throw error
      this.#options.log.debug({ err: error }, 'the low-water mark could not be kept yet')
    }
  }
}

interface Following {
  turns: Turns
  /** Aborts when there is more to apply. */
  woken: AbortController
  readingEnded: boolean
  saved: number
  savedAt: number
}
