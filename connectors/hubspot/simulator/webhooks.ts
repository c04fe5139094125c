import type { WebhookEvent } from '../app-wire.ts'
import { WEBHOOK_LIMITS } from '../app-wire.ts'
import type { Credentials } from './credentials.ts'
import type { Happening, Source } from './happening.ts'
import type { Portal } from './portal.ts'
import { WebhookDelivery } from './webhook-delivery.ts'
import { eventOf } from './webhook-events.ts'
import { WebhookSubscriptions } from './webhook-subscriptions.ts'

/** What the app is told of what happens in its portals. */
export class Webhooks implements Disposable {
  readonly subscriptions = new WebhookSubscriptions()
  readonly delivery: WebhookDelivery
  readonly now: () => number
  readonly #credentials: Credentials
  readonly #portals: () => Iterable<Portal>
  #events = 3_816_279_339

  constructor(credentials: Credentials, portals: () => Iterable<Portal>, now: () => number) {
    this.#credentials = credentials
    this.#portals = portals
    this.now = now
    this.delivery = new WebhookDelivery(() => this.#address(), now)
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
