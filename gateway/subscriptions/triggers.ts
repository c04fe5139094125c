/**
 * trigger   what several clients follow alike: the same operation and variables, asked by the same principal
 * live      a client that is given what its trigger brings
 * apart     a client that catches up by a stream of its own, and joins the trigger at an event both have
 */
import type { ExecutionResult } from 'graphql'
import type { ClientStream, StreamLimits } from './stream.ts'

type Result = IteratorResult<ExecutionResult, undefined>
const DONE: Result = { done: true, value: undefined }

/** What a client is given, until either side ends it. */
export type Stream = AsyncIterator<ExecutionResult, undefined> & { return(): Promise<Result> }

/** How one client's stream is opened, from behind a cursor or from now on. @param slow called when nobody takes what it brings */
export type Open = (after: string | undefined, slow: () => void) => ClientStream

interface Followed {
  /** The same for all who may share: everything that can change what they are given. */
  key: string
  after: string | undefined
  open: Open
  /** The client does not take what it asked for. */
  slow(): void
}

/** How long a client with a full queue holds the others up, before it goes on by itself. */
const LONGEST_GRACE_MS = 250

/** Everything that is followed at this gateway, each kind once. */
export class Triggers {
  readonly #limits: StreamLimits
  readonly #triggers = new Map<string, Trigger>()

  constructor(limits: StreamLimits) {
    this.#limits = limits
  }

  /** How many different things are followed. */
  get size(): number {
    return this.#triggers.size
  }

  /** Follows something that can be resumed, together with all who follow the same. */
  follow(followed: Followed): Stream {
    const { key, open } = followed
    const known = this.#triggers.get(key)
    const trigger =
      known ?? new Trigger({ open, limits: this.#limits, empty: () => this.#triggers.delete(key) })
    if (!known) this.#triggers.set(key, trigger)
    return new Member(trigger, followed, this.#limits)
  }
}

const cursorOf = ({ extensions }: ExecutionResult): string | undefined =>
  typeof extensions?.cursor === 'string' ? extensions.cursor : undefined

class Trigger {
  readonly #options: { open: Open; limits: StreamLimits; empty: () => void }
  readonly #members = new Set<Member>()
  #stream: ClientStream | undefined
  /** What came last, without a gap, and how many came before it. */
  #kept: ExecutionResult[] = []
  #before = 0
  /** Where in all that came something with this cursor was. */
  #places = new Map<string, number>()

  constructor(options: { open: Open; limits: StreamLimits; empty: () => void }) {
    this.#options = options
  }

  add(member: Member): void {
    this.#members.add(member)
    this.settle()
  }

  remove(member: Member): void {
    if (!this.#members.delete(member)) return
    this.settle()
    if (this.#members.size === 0) this.#options.empty()
  }

  /** Runs the common stream while it serves: one client that catches up needs none beside its own. */
  settle(): void {
    const isWanted = this.#members.size > 1 || this.#members.values().some((member) => member.isLive)
    if (isWanted && !this.#stream) this.#start()
    else if (!isWanted && this.#stream) this.#stop()
  }

  /** What came behind a cursor; undefined when that is not known here. */
  since(cursor: string | undefined): ExecutionResult[] | undefined {
    const place = cursor === undefined ? undefined : this.#places.get(cursor)
    return place === undefined ? undefined : this.#kept.slice(place - this.#before + 1)
  }

  #start(): void {
    const stream = this.#options.open(undefined, () => this.#dissolve())
    this.#stream = stream
    void this.#run(stream)
  }

  #stop(): void {
    const stream = this.#stream
    this.#stream = undefined
    this.#kept = []
    this.#places.clear()
    this.#before = 0
    void stream?.return()
  }

  async #run(stream: ClientStream): Promise<void> {
    try {
      for (;;) {
        const next = await stream.next()
        if (this.#stream !== stream) return
        if (next.done) return this.#dissolve()
        await this.#room()
        if (this.#stream !== stream) return
        this.#keep(next.value)
        for (const member of [...this.#members]) member.hear(next.value)
      }
    } catch (error) {
      if (this.#stream !== stream) return
      this.#stop()
      for (const member of this.#members) if (member.isLive) member.fail(error)
    }
  }

  /** Waits for those who have no room, for a moment; then they go on by themselves. */
  async #room(): Promise<void> {
    const full = [...this.#members].filter((member) => member.isFull)
    if (full.length === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const graceMs = Math.min(LONGEST_GRACE_MS, this.#options.limits.slowMs / 2)
    const over = setTimeout(resolve, graceMs)
    await Promise.race([promise, Promise.all(full.map((member) => member.room()))])
    clearTimeout(over)
    for (const member of full) if (member.isFull) member.goApart()
  }

  #keep(result: ExecutionResult): void {
    const cursor = cursorOf(result)
    if (cursor !== undefined) this.#places.set(cursor, this.#before + this.#kept.length)
    this.#kept.push(result)
    if (this.#kept.length <= this.#options.limits.queue / 2) return
    const gone = this.#kept.shift()
    this.#before++
    const last = gone && cursorOf(gone)
    if (last !== undefined && (this.#places.get(last) ?? 0) < this.#before) this.#places.delete(last)
  }

  /** The common stream has ended without a word: each goes on from where it is. */
  #dissolve(): void {
    this.#stop()
    for (const member of [...this.#members]) member.goApart()
  }
}

/** One client of a trigger: every event once and in order, whichever way it comes. */
class Member implements Stream {
  readonly #trigger: Trigger
  readonly #followed: Followed
  readonly #limits: StreamLimits
  #queue: ExecutionResult[] = []
  /** Of what was given or waits in the queue, the last. */
  #cursor: string | undefined
  #isApart: boolean
  /** Its own stream, while it catches up. */
  #own: ClientStream | undefined
  #failure: { error: unknown } | undefined
  #hasEnded = false
  #wake: (() => void) | undefined
  #hasRoom: (() => void) | undefined
  #slowTimer: NodeJS.Timeout | undefined

  constructor(trigger: Trigger, followed: Followed, limits: StreamLimits) {
    this.#trigger = trigger
    this.#followed = followed
    this.#limits = limits
    this.#cursor = followed.after
    this.#isApart = followed.after !== undefined
    trigger.add(this)
    this.#join()
    this.#openOwn()
  }

  get isLive(): boolean {
    return !this.#isApart
  }

  get isFull(): boolean {
    return this.isLive && this.#queue.length >= this.#limits.queue
  }

  /** Resolves when something was taken. */
  room(): Promise<void> {
    return new Promise((resolve) => {
      this.#hasRoom = resolve
    })
  }

  /** The trigger brings something. */
  hear(result: ExecutionResult): void {
    if (this.#isApart) this.#join()
    else this.#take([result])
  }

  fail(error: unknown): void {
    this.#failure = { error }
    this.#wake?.()
  }

  /** Goes on by a stream of its own, once what waits has been taken. */
  goApart(): void {
    if (this.#isApart || this.#hasEnded) return
    this.#isApart = true
    this.#watch()
    this.#wake?.()
    this.#trigger.settle()
  }

  async next(): Promise<Result> {
    for (;;) {
      if (this.#hasEnded) return DONE
      const value = this.#queue.shift()
      if (value) {
        this.#hasRoom?.()
        if (this.#isApart) this.#watch()
        return { done: false, value }
      }
      if (this.#failure) {
        const { error } = this.#failure
        await this.return()
        throw error
      }
      this.#openOwn()
      const own = this.#own
      if (own) {
        const result = await this.#ownNext(own)
        if (!result) continue
        return result.done ? this.return() : result
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async return(): Promise<Result> {
    this.#hasEnded = true
    clearTimeout(this.#slowTimer)
    this.#queue = []
    this.#hasRoom?.()
    this.#closeOwn()
    this.#trigger.remove(this)
    this.#wake?.()
    return DONE
  }

  /** What its own stream brings; undefined when it has joined meanwhile: the same waits in the queue then. */
  async #ownNext(own: ClientStream): Promise<Result | undefined> {
    try {
      const result = await own.next()
      if (own !== this.#own) return undefined
      // In one go: who joins in between would be given the same once more.
      this.#cursor = (result.value && cursorOf(result.value)) ?? this.#cursor
      this.#join()
      return result
    } catch (error) {
      if (own !== this.#own) return undefined
      await this.return()
      throw error
    }
  }

  #take(results: readonly ExecutionResult[]): void {
    for (const result of results) {
      this.#queue.push(result)
      this.#cursor = cursorOf(result) ?? this.#cursor
    }
    this.#wake?.()
  }

  /** Joins the trigger where both are, without a gap and without anything twice. */
  #join(): void {
    const since = this.#isApart && this.#queue.length === 0 ? this.#trigger.since(this.#cursor) : undefined
    if (!since) return
    this.#isApart = false
    clearTimeout(this.#slowTimer)
    this.#closeOwn()
    this.#take(since)
  }

  #openOwn(): void {
    if (!this.#isApart || this.#own || this.#queue.length > 0) return
    clearTimeout(this.#slowTimer)
    this.#own = this.#followed.open(this.#cursor, () => {
      this.#followed.slow()
      void this.return()
    })
  }

  #closeOwn(): void {
    const own = this.#own
    this.#own = undefined
    void own?.return()
  }

  /** Apart with things waiting, it has so long for the next of them. */
  #watch(): void {
    clearTimeout(this.#slowTimer)
    this.#slowTimer = setTimeout(() => {
      this.#followed.slow()
      void this.return()
    }, this.#limits.slowMs)
  }
}
