import { Deliveries, type Posting } from '#connectors/simulator/index.ts'
import { WEBHOOK_LIMITS, type WebhookEvent } from '../app-wire.ts'
import type { Credentials } from './credentials.ts'
import type { Happening, Source } from './happening.ts'
import type { Portal } from './portal.ts'
import { eventOf } from './webhook-events.ts'
import { signedHeaders } from './webhook-signing.ts'
import { WebhookSubscriptions } from './webhook-subscriptions.ts'

// Minutes before each of the ten retries; nearly a day in all.
const WAITS_MINUTES = [1, 4, 10, 25, 60, 120, 180, 240, 360, 420]

/** What the app is told of what happens in its portals. */
export class Webhooks implements Disposable {
  readonly subscriptions = new WebhookSubscriptions()
  readonly delivery: Deliveries<WebhookEvent>
  readonly now: () => number
  readonly #credentials: Credentials
  readonly #portals: () => Iterable<Portal>
  #events = 3_816_279_339

  constructor(credentials: Credentials, portals: () => Iterable<Portal>, now: () => number) {
    this.#credentials = credentials
    this.#portals = portals
    this.now = now
    this.delivery = new Deliveries(
      {
        eventsPerDelivery: WEBHOOK_LIMITS.eventsPerDelivery,
        timeoutMs: WEBHOOK_LIMITS.timeoutMs,
        waitsMinutes: WAITS_MINUTES,
        address: () => this.#address(),
        stamp: (event, attempt) => ({ ...event, attemptNumber: attempt }),
        write,
      },
      now,
    )
  }

  get appId(): number {
    return this.#credentials.app.appId
  }

  /** To be called after any change of settings or subscriptions, and for a portal that is new. */
  listen(): void {
    const { isWanted } = this.subscriptions
    for (const portal of this.#portals())
      portal.ear = isWanted ? (happening, at, source) => this.#hear(portal, happening, at, source) : undefined
    if (this.subscriptions.settings === undefined) this.delivery.forget()
  }

  #hear(portal: Portal, happening: Happening, at: number, source: Source): void {
    if (this.#credentials.isUninstalled(portal.id)) return
    const factsOf = (type: string) => portal.factsOf(type)
    for (const { id, eventType } of this.subscriptions.matching(happening, factsOf(happening.type).typeId)) {
      this.#events += 1
      const event: WebhookEvent = eventOf(happening, {
        eventId: this.#events,
        subscriptionId: Number(id),
        portalId: Number(portal.id),
        appId: this.appId,
        occurredAt: at,
        subscriptionType: eventType,
        source,
        factsOf,
      })
      this.delivery.push(portal.id, event)
    }
  }

  #address() {
    const { settings } = this.subscriptions
    if (settings === undefined) return undefined
    const maxConcurrent = settings.throttling.maxConcurrentRequests
    return {
      url: settings.targetUrl,
      secret: this.#credentials.app.clientSecret,
      maxConcurrent: Math.min(maxConcurrent, WEBHOOK_LIMITS.concurrentPerPortal),
    }
  }

  [Symbol.dispose](): void {
    this.delivery[Symbol.dispose]()
  }
}

const write = ({ events, url, secret, at }: Posting<WebhookEvent>) => {
  const body = JSON.stringify(events)
  const signed = signedHeaders({ secret, method: 'POST', url, body, timestamp: at })
  return { headers: { 'user-agent': 'HubSpot Webhooks/1.0', ...signed }, body }
}
