import {
  ControlRefusal,
  controlBody,
  deliveryControl,
  type SimReply,
  type SimRequest,
  setDelivery,
} from '#connectors/simulator/index.ts'
import { WEBHOOK_LIMITS } from '../app-wire.ts'
import { Refused } from './errors.ts'
import type { SubscriptionWish } from './webhook-subscriptions.ts'
import type { Webhooks } from './webhooks.ts'

/**
 * - `GET /_sim/webhooks` the address, the subscriptions, how deliveries are made and how much waits
 * - `POST /_sim/webhooks` any of `{ targetUrl, subscriptions, maxConcurrentRequests, batchMs, timeoutMs, retryScale }`; `targetUrl: null`
 *   ends deliveries; subscriptions are `"all"` or a list of `{ eventType, propertyName?, objectTypeId?, active? }` (active unless said)
 *   that takes the place of what was
 * - `DELETE /_sim/webhooks` no address, no subscription, nothing waits
 * - and what `deliveryControl` knows
 */
export const webhookControl = (
  webhooks: Webhooks,
  request: SimRequest,
  path: string,
): SimReply | undefined => {
  if (path !== 'webhooks') return deliveryControl(webhooks.delivery, request, path)
  if (request.method === 'POST') change(webhooks, controlBody(request))
  if (request.method === 'DELETE') {
    webhooks.subscriptions.settings = undefined
    webhooks.subscriptions.clear()
  }
  webhooks.listen()
  const { subscriptions, delivery } = webhooks
  return {
    status: 200,
    body: {
      targetUrl: subscriptions.settings?.targetUrl ?? null,
      maxConcurrentRequests: subscriptions.settings?.throttling.maxConcurrentRequests ?? null,
      subscriptions: subscriptions.list(),
      ...delivery.settings,
      mishaps: delivery.mishaps,
      waiting: delivery.waiting(),
    },
  }
}

const change = (webhooks: Webhooks, body: Record<string, unknown>): void => {
  const { subscriptions, delivery } = webhooks
  const at = new Date(webhooks.now()).toISOString()
  for (const [name, value] of Object.entries(body))
    if (setDelivery(delivery, name, value)) continue
    else if (name === 'subscriptions') subscribe(webhooks, value, at)
    else if (name !== 'targetUrl' && name !== 'maxConcurrentRequests')
      throw new ControlRefusal(`webhooks has no ${name}`)
  const { targetUrl, maxConcurrentRequests } = body
  if (targetUrl === null) subscriptions.settings = undefined
  const url = typeof targetUrl === 'string' ? targetUrl : subscriptions.settings?.targetUrl
  if (url === undefined) return
  if (!URL.canParse(url)) throw new ControlRefusal(`${url} is no address`)
  const most = maxConcurrentRequests ?? subscriptions.settings?.throttling.maxConcurrentRequests
  subscriptions.configure(url, Number(most ?? WEBHOOK_LIMITS.concurrentPerPortal), at)
}

const subscribe = ({ subscriptions }: Webhooks, value: unknown, at: string): void => {
  if (value === 'all') {
    subscriptions.addEverything(at)
    return
  }
  if (!Array.isArray(value)) throw new ControlRefusal('subscriptions takes "all" or a list')
  subscriptions.clear()
  for (const wish of value as SubscriptionWish[])
    try {
      subscriptions.add({ active: true, ...wish }, at)
    } catch (error) {
      if (error instanceof Refused) throw new ControlRefusal(JSON.stringify(error.reply.body))
      throw error
    }
}
