import {
  ControlRefusal,
  controlBody,
  Deliveries,
  deliveryControl,
  type Posting,
  type SimReply,
  type SimRequest,
  setDelivery,
} from '../../simulator/index.ts'
import { signDelivery } from '../delivery.ts'
import {
  type ChangeEvent,
  type Delivery,
  type Kind,
  LIMITS,
  type Versioned,
  WEBHOOK_HEADERS,
  type Webhook,
  type WebhookWish,
} from '../wire.ts'
import { misfitsOf } from './contract.ts'

/** 10 seconds, 1, 5 and 30 minutes, 2, 6 and 15 hours. */
const WAITS_MINUTES = [1 / 6, 1, 5, 30, 120, 360, 900]
const CONCURRENT = 4

/** Where C3 posts what has changed. */
export class C3Webhook implements Disposable {
  readonly deliveries: Deliveries<ChangeEvent>
  readonly #now: () => number
  readonly #accountId: string
  #wish: WebhookWish | undefined
  #state: Pick<Webhook, 'isActive' | 'since'> = { isActive: false, since: '' }
  #events = 0

  constructor(accountId: string, now: () => number) {
    this.#accountId = accountId
    this.#now = now
    this.deliveries = new Deliveries<ChangeEvent>(
      {
        eventsPerDelivery: LIMITS.eventsPerDelivery,
        timeoutMs: 10_000,
        waitsMinutes: WAITS_MINUTES,
        address: () =>
          this.#wish && this.#state.isActive ? { ...this.#wish, maxConcurrent: CONCURRENT } : undefined,
        stamp: (event) => event,
        write: (posting) => this.#write(posting),
        endsWith: (status) => {
          if (status !== 410) return false
          this.#state = { ...this.#state, isActive: false }
          return true
        },
      },
      now,
    )
  }

  get shown(): Webhook | undefined {
    return this.#wish && { url: this.#wish.url, entities: this.#wish.entities, ...this.#state }
  }

  /** Takes the place of what was said before. */
  set(wish: WebhookWish): Webhook {
    this.#wish = wish
    this.#state = { isActive: true, since: new Date(this.#now()).toISOString() }
    return { url: wish.url, entities: wish.entities, ...this.#state }
  }

  remove(): void {
    this.#wish = undefined
    this.deliveries.forget()
  }

  /** Tells of a change, where somebody wants to be told. */
  tell(kind: Kind, id: string, record: Versioned): void {
    if (!this.#state.isActive || !this.#wish?.entities.includes(kind)) return
    this.#events += 1
    this.deliveries.push(this.#accountId, {
      eventId: `E-${this.#events}`,
      entity: kind,
      id,
      version: record.version,
      kind: record.deleted ? 'DELETED' : 'CHANGED',
      occurredAt: record.updatedAt,
    })
  }

  /**
   * - `GET /_sim/webhooks` the webhook, how deliveries are made and how much waits
   * - `POST /_sim/webhooks` any of `{ url, secret, entities, batchMs, timeoutMs, retryScale }`
   * - `DELETE /_sim/webhooks` nothing is posted any more
   * - and what `deliveryControl` knows
   */
  control(request: SimRequest, path: string): SimReply | undefined {
    if (path !== 'webhooks') return deliveryControl(this.deliveries, request, path)
    if (request.method === 'DELETE') this.remove()
    if (request.method === 'POST') this.#change(controlBody(request))
    const { settings, mishaps } = this.deliveries
    const body = { webhook: this.shown ?? null, ...settings, mishaps, waiting: this.deliveries.waiting() }
    return { status: 200, body }
  }

  #change(body: Record<string, unknown>): void {
    const { url, secret, entities, ...rest } = body
    for (const [name, value] of Object.entries(rest))
      if (!setDelivery(this.deliveries, name, value)) throw new ControlRefusal(`webhooks has no ${name}`)
    if (url === undefined) return
    const wish = { url, secret, entities } as WebhookWish
    const [misfit] = misfitsOf('WebhookWish', wish)
    if (misfit) throw new ControlRefusal(misfit)
    this.set(wish)
  }

  #write({ deliveryId, events, attempt, secret, at }: Posting<ChangeEvent>) {
    const told: Delivery = {
      deliveryId,
      accountId: this.#accountId,
      attempt: attempt + 1,
      events: [...events],
    }
    const body = JSON.stringify(told)
    const timestamp = String(Math.floor(at / 1_000))
    const headers = {
      'user-agent': 'C3/2',
      [WEBHOOK_HEADERS.timestamp]: timestamp,
      [WEBHOOK_HEADERS.signature]: signDelivery(secret, timestamp, Buffer.from(body)),
    }
    return { headers, body }
  }

  [Symbol.dispose](): void {
    this.deliveries[Symbol.dispose]()
  }
}
