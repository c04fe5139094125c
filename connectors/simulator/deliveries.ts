import { randomUUID } from 'node:crypto'
import { Chance, type Mishaps, NO_MISHAPS } from './mishaps.ts'

/** One POST that was tried. */
export interface Attempt<E> {
  /** When it was sent, epoch milliseconds by the vendor's clock. */
  at: number
  /** Until the answer, or until nothing more was hoped for. */
  ms: number
  portal: string
  url: string
  attemptNumber: number
  /** 0 when there was no answer. */
  status: number
  error?: string
  forged?: boolean
  duplicate?: boolean
  events: E[]
}

/** How deliveries are made. Nothing here is known to the receiver. */
export interface DeliverySettings {
  /** How long changes gather before they are posted together. */
  batchMs: number
  timeoutMs: number
  /** Share of the waits between retries that is really waited: 1 spreads them as the vendor does. */
  retryScale: number
}

/** What is posted in one attempt. */
export interface Posting<E> {
  /** Stays the same when it is posted again. */
  deliveryId: string
  portal: string
  events: readonly E[]
  /** 0 at first; counts the retries. */
  attempt: number
  url: string
  secret: string
  /** Epoch milliseconds. */
  at: number
}

/** How a vendor posts. */
export interface Manner<E> {
  eventsPerDelivery: number
  timeoutMs: number
  /** Minutes before each retry; after the last of them a delivery is given up. */
  waitsMinutes: readonly number[]
  /** Where and as whom to post to a portal's receiver; undefined while nobody wants to be told. */
  address(portal: string): { url: string; secret: string; maxConcurrent: number } | undefined
  /** An event as it stands in an attempt. */
  stamp(event: E, attempt: number): E
  write(posting: Posting<E>): { headers: Record<string, string>; body: string }
  /** Whether an answer ends it all: nothing is tried again. */
  endsWith?(status: number, portal: string): boolean
}

interface Delivery<E> {
  id: string
  portal: string
  events: E[]
  attempt: number
  forged?: boolean
  duplicate?: boolean
}

interface Queue<E> {
  events: E[]
  ready: Delivery<E>[]
  running: number
  flushing: boolean
}

const KEPT = 20_000

/** Posts events, again and again if need be. Its timers keep no process alive; disposing gives up what waits. */
export class Deliveries<E> implements Disposable {
  settings: DeliverySettings
  mishaps: Mishaps = NO_MISHAPS
  attempts: Attempt<E>[] = []
  readonly counts = { delivered: 0, failed: 0, givenUp: 0, dropped: 0 }
  readonly #manner: Manner<E>
  readonly #now: () => number
  readonly #queues = new Map<string, Queue<E>>()
  readonly #retrying = new Map<Delivery<E>, NodeJS.Timeout>()
  readonly #held = new Set<Delivery<E>>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #chance = new Chance()
  #stopping = new AbortController()

  constructor(manner: Manner<E>, now: () => number) {
    this.#manner = manner
    this.#now = now
    this.settings = { batchMs: 20, timeoutMs: manner.timeoutMs, retryScale: 1 }
  }

  /** Takes an event to be delivered. */
  push(portal: string, event: E): void {
    if (this.#chance.happens(this.mishaps.drop)) {
      this.counts.dropped += 1
      return
    }
    const queue = this.#queue(portal)
    queue.events.push(event)
    if (queue.flushing) return
    queue.flushing = true
    this.#after(this.settings.batchMs, () => {
      queue.flushing = false
      this.#flush(portal)
    })
  }

  waiting = (): { events: number; inFlight: number; retrying: number } => {
    const queues = [...this.#queues.values()]
    const deliveries = [...queues.flatMap((queue) => queue.ready), ...this.#held]
    return {
      events: sum([...queues, ...deliveries].map(({ events }) => events.length)),
      inFlight: sum(queues.map(({ running }) => running)),
      retrying: this.#retrying.size,
    }
  }

  /** Makes every retry that waits now. */
  retryNow(): number {
    const waiting = [...this.#retrying]
    for (const [delivery, timer] of waiting) {
      clearTimeout(timer)
      this.#again(delivery)
    }
    return waiting.length
  }

  /** Gives up whatever waits or is under way. */
  forget(): void {
    this.#stopping.abort()
    this.#stopping = new AbortController()
    for (const timer of [...this.#timers, ...this.#retrying.values()]) clearTimeout(timer)
    this.#timers.clear()
    this.#retrying.clear()
    this.#held.clear()
    this.#queues.clear()
  }
  [Symbol.dispose](): void {
    this.forget()
  }

  #queue(portal: string): Queue<E> {
    let queue = this.#queues.get(portal)
    if (queue === undefined) {
      queue = { events: [], ready: [], running: 0, flushing: false }
      this.#queues.set(portal, queue)
    }
    return queue
  }

  #after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, ms)
    timer.unref()
    this.#timers.add(timer)
  }

  #flush(portal: string): void {
    const queue = this.#queue(portal)
    const { reorder, duplicate, forge } = this.mishaps
    if (this.#chance.happens(reorder)) queue.events = this.#chance.shuffled(queue.events)
    while (queue.events.length > 0) {
      const events = queue.events.splice(0, this.#manner.eventsPerDelivery)
      const delivery: Delivery<E> = { id: randomUUID(), portal, events, attempt: 0 }
      // Whoever is overtaken goes to the end of the line.
      if (this.#chance.happens(reorder)) this.#hold(delivery)
      else queue.ready.push(delivery)
      if (this.#chance.happens(duplicate)) queue.ready.push({ ...delivery, duplicate: true })
      if (this.#chance.happens(forge)) queue.ready.push({ ...delivery, forged: true })
    }
    this.#start(portal)
  }
  #hold(delivery: Delivery<E>): void {
    this.#held.add(delivery)
    this.#after(this.settings.batchMs * 5, () => {
      this.#held.delete(delivery)
      this.#line(delivery)
    })
  }
  #line(delivery: Delivery<E>): void {
    this.#queue(delivery.portal).ready.push(delivery)
    this.#start(delivery.portal)
  }

  #start(portal: string): void {
    const queue = this.#queue(portal)
    const limit = this.#manner.address(portal)?.maxConcurrent ?? 0
    while (queue.running < limit) {
      const delivery = queue.ready.shift()
      if (delivery === undefined) return
      queue.running += 1
      const begin = () => {
        void this.#deliver(delivery).finally(() => {
          queue.running -= 1
          this.#start(portal)
        })
      }
      if (this.mishaps.delayMs > 0 && delivery.attempt === 0) this.#after(this.mishaps.delayMs, begin)
      else begin()
    }
  }

  async #deliver(delivery: Delivery<E>): Promise<void> {
    const address = this.#manner.address(delivery.portal)
    if (address === undefined) return
    const attempt = await this.#post(
      delivery,
      address.url,
      delivery.forged ? 'a stranger’s secret' : address.secret,
    )
    if (attempt === undefined) return
    if (this.attempts.length >= KEPT * 1.25) this.attempts = this.attempts.slice(-KEPT)
    this.attempts.push(attempt)
    const isTaken = attempt.status >= 200 && attempt.status < 300
    this.counts[isTaken ? 'delivered' : 'failed'] += 1
    if (isTaken || delivery.forged || this.#manner.endsWith?.(attempt.status, delivery.portal)) return
    if (delivery.attempt >= this.#manner.waitsMinutes.length) this.counts.givenUp += 1
    else this.#retryLater({ ...delivery, attempt: delivery.attempt + 1 })
  }

  #retryLater(delivery: Delivery<E>): void {
    const jitter = 0.9 + this.#chance.next() * 0.2
    const ms = this.#manner.waitsMinutes[delivery.attempt - 1]! * 60_000 * this.settings.retryScale * jitter
    const timer = setTimeout(() => this.#again(delivery), ms)
    timer.unref()
    this.#retrying.set(delivery, timer)
  }
  #again(delivery: Delivery<E>): void {
    this.#retrying.delete(delivery)
    this.#line(delivery)
  }

  // One attempt; undefined when it was given up on our side.
  async #post(delivery: Delivery<E>, url: string, secret: string): Promise<Attempt<E> | undefined> {
    const { id: deliveryId, portal, attempt: attemptNumber, forged, duplicate } = delivery
    const events = delivery.events.map((event) => this.#manner.stamp(event, attemptNumber))
    const [at, begun, stopping] = [this.#now(), performance.now(), this.#stopping.signal]
    const posting = { deliveryId, portal, events, attempt: attemptNumber, url, secret, at }
    const { headers, body } = this.#manner.write(posting)
    const told = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      signal: AbortSignal.any([stopping, AbortSignal.timeout(this.settings.timeoutMs)]),
    }).then(
      async (answer) => {
        await answer.body?.cancel()
        return { status: answer.status }
      },
      (error: unknown) => ({ status: 0, error: reasonOf(error) }),
    )
    if (stopping.aborted) return undefined
    return {
      at,
      ms: Math.round(performance.now() - begun),
      portal,
      url,
      attemptNumber,
      ...told,
      ...(forged ? { forged } : {}),
      ...(duplicate ? { duplicate } : {}),
      events,
    }
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'failed'
  if (error.name === 'TimeoutError') return 'timeout'
  const { cause } = error
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : error.message
}
