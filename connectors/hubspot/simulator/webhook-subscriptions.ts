import {
  WEBHOOK_EVENT_TYPES,
  WEBHOOK_LIMITS,
  type WebhookSettings,
  type WebhookSubscription,
} from '../app-wire.ts'
import { conflict, invalid, notFound } from './errors.ts'
import type { Happening } from './happening.ts'

/** What somebody subscribes to. */
export interface SubscriptionWish {
  eventType: string
  propertyName?: string
  objectTypeId?: string
  active?: boolean
}

/** A subscription to whatever happens, for tests that want to hear it all. */
const EVERYTHING = 'everything'

// The kinds that classic event types name; every other type is an `object`.
const NAMED: Readonly<Record<string, string>> = {
  contacts: 'contact',
  companies: 'company',
  deals: 'deal',
  tickets: 'ticket',
}

/** What an app wants to be told, and where. Changes of it are seen at once; HubSpot takes up to five minutes. */
export class WebhookSubscriptions {
  settings: WebhookSettings | undefined
  readonly #subscriptions = new Map<string, WebhookSubscription>()
  #given = 24

  list = (): WebhookSubscription[] => [...this.#subscriptions.values()]
  find = (id: string): WebhookSubscription =>
    this.#subscriptions.get(id) ?? notFound('resource not found', { id: [id] })

  /** Whether anything is to be told at all. */
  get isWanted(): boolean {
    return this.settings !== undefined && this.list().some(({ active }) => active)
  }

  /** Sets the address and the number of deliveries at a time. */
  configure(targetUrl: string, maxConcurrentRequests: number, at: string): WebhookSettings {
    const createdAt = this.settings?.createdAt ?? at
    this.settings = { targetUrl, throttling: { maxConcurrentRequests }, createdAt, updatedAt: at }
    return this.settings
  }

  /** Subscribes; paused unless told otherwise. Throws Refused for what HubSpot does not offer. */
  add(wish: SubscriptionWish, at: string): WebhookSubscription {
    check(wish)
    if (this.#subscriptions.size >= WEBHOOK_LIMITS.subscriptionsPerApp)
      invalid(
        `Couldn't create another subscription. You've reached the maximum number allowed per application (${WEBHOOK_LIMITS.subscriptionsPerApp}).`,
      )
    if (this.list().some((other) => SAME.every((name) => other[name] === wish[name])))
      conflict(`A subscription to ${wish.eventType} exists already.`)
    return this.#keep(wish, at)
  }
  /** Subscribes to everything there is, in place of what was. */
  addEverything(at: string): void {
    this.clear()
    this.#keep({ eventType: EVERYTHING, active: true }, at)
  }
  #keep({ eventType, propertyName, objectTypeId, active = false }: SubscriptionWish, at: string) {
    this.#given += 1
    const subscription: WebhookSubscription = {
      id: String(this.#given),
      eventType,
      ...(propertyName === undefined ? {} : { propertyName }),
      ...(objectTypeId === undefined ? {} : { objectTypeId }),
      active,
      createdAt: at,
      updatedAt: at,
    }
    this.#subscriptions.set(subscription.id, subscription)
    return subscription
  }

  activate(id: string, active: boolean, at: string): WebhookSubscription {
    const changed = { ...this.find(id), active, updatedAt: at }
    this.#subscriptions.set(id, changed)
    return changed
  }
  remove = (id: string): boolean => this.#subscriptions.delete(id)
  clear = (): void => this.#subscriptions.clear()

  /** The subscriptions that a happening concerns, each with the event type it comes under. */
  matching(happening: Happening, objectTypeId: string): { id: string; eventType: string }[] {
    const named = NAMED[happening.type]
    const own = named === undefined ? undefined : `${named}.${happening.what}`
    const general = happening.what === 'privacyDeletion' ? undefined : `object.${happening.what}`
    return this.list().flatMap(({ id, active, eventType, propertyName, objectTypeId: typeId }) => {
      if (!active) return []
      if (eventType === EVERYTHING) return own || general ? [{ id, eventType: own ?? general! }] : []
      if (eventType !== own && !(eventType === general && typeId === objectTypeId)) return []
      const otherProperty = happening.what === 'propertyChange' && happening.property !== propertyName
      return otherProperty ? [] : [{ id, eventType }]
    })
  }
}

const SAME = ['eventType', 'propertyName', 'objectTypeId'] as const
const SILENT = ['hs_lastmodifieddate', 'lastmodifieddate', 'num_unique_conversion_events']

const check = ({ eventType, propertyName, objectTypeId }: SubscriptionWish): void => {
  if (!WEBHOOK_EVENT_TYPES.includes(eventType)) invalid(`${eventType} is not a valid subscription type`)
  const [kind, change] = eventType.split('.')
  if (change === 'propertyChange' && (propertyName === undefined || propertyName === ''))
    invalid(`propertyName is required for ${eventType}`)
  if (change !== 'propertyChange' && propertyName !== undefined)
    invalid(`propertyName is not allowed for ${eventType}`)
  if (propertyName !== undefined && SILENT.includes(propertyName))
    invalid(`${propertyName} cannot be subscribed to`)
  if (kind === 'object' && objectTypeId === undefined) invalid(`objectTypeId is required for ${eventType}`)
}
