import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import type { WebhookSubscription } from '../app-wire.ts'
import type { BatchError } from '../wire.ts'
import { jsonBody } from './asking.ts'
import { batchReply } from './batch-answer.ts'
import { asBatchError, invalid, notFound, Refused } from './errors.ts'
import type { SubscriptionWish } from './webhook-subscriptions.ts'
import type { Webhooks } from './webhooks.ts'

const isUrl = (text: unknown): text is string => {
  try {
    return typeof text === 'string' && /^https?:$/.test(new URL(text).protocol)
  } catch {
    return false
  }
}

const settings = (webhooks: Webhooks, request: SimRequest, at: string): SimReply => {
  const { subscriptions } = webhooks
  if (request.method === 'GET') return { status: 200, body: subscriptions.settings ?? notFound() }
  if (request.method === 'DELETE') {
    subscriptions.settings = undefined
    return { status: 204 }
  }
  if (request.method !== 'PUT') return notFound()
  const { targetUrl, throttling } = jsonBody<{
    targetUrl?: unknown
    throttling?: { maxConcurrentRequests?: unknown }
  }>(request)
  const most = throttling?.maxConcurrentRequests
  if (!isUrl(targetUrl)) return invalid('targetUrl must be a valid URL')
  if (typeof most !== 'number' || !Number.isInteger(most) || most <= 5)
    return invalid('throttling.maxConcurrentRequests must be greater than 5')
  return { status: 200, body: subscriptions.configure(targetUrl, most, at) }
}

const subscriptions = (
  webhooks: Webhooks,
  request: SimRequest,
  [id, word]: readonly string[],
  at: string,
): SimReply => {
  const all = webhooks.subscriptions
  const { method } = request
  if (id === undefined) {
    if (method === 'GET') return { status: 200, body: { results: all.list() } }
    return method === 'POST'
      ? { status: 201, body: all.add(jsonBody<SubscriptionWish>(request), at) }
      : notFound()
  }
  if (id === 'batch' && word === 'update' && method === 'POST') {
    const { inputs } = jsonBody<{ inputs?: { id: number | string; active: boolean }[] }>(request)
    if (!Array.isArray(inputs)) return invalid('inputs must be a list')
    const results: WebhookSubscription[] = []
    const errors: BatchError[] = []
    for (const input of inputs)
      try {
        results.push(all.activate(String(input.id), input.active, at))
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        errors.push(asBatchError(error, { id: [String(input.id)] }))
      }
    return batchReply({ now: () => Date.parse(at) }, results, errors, 200)
  }
  if (method === 'GET') return { status: 200, body: all.find(id) }
  if (method === 'PATCH')
    return {
      status: 200,
      body: all.activate(id, jsonBody<{ active?: boolean }>(request).active === true, at),
    }
  if (method !== 'DELETE') return notFound()
  all.find(id)
  all.remove(id)
  return { status: 204 }
}

/** `/webhooks/v3/{appId}/settings` and `/subscriptions`, once the developer's key is known to be right. */
export const webhookSettings = (webhooks: Webhooks, request: SimRequest): SimReply => {
  const [, , appId, what, ...rest] = request.path.split('/').filter(Boolean)
  if (appId !== String(webhooks.appId)) return notFound(`there is no app ${appId}`)
  const at = new Date(webhooks.now()).toISOString()
  try {
    if (what === 'settings') return settings(webhooks, request, at)
    return what === 'subscriptions' ? subscriptions(webhooks, request, rest, at) : notFound()
  } finally {
    webhooks.listen()
  }
}
