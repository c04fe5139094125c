import type { Deliveries, DeliverySettings } from './deliveries.ts'
import { ControlRefusal, type SimReply, type SimRequest } from './exchange.ts'

/**
 * Control calls that every vendor with webhooks has; undefined for another path.
 * - `POST webhooks/retry` makes the retries that wait now
 * - `GET`, `DELETE webhooks/journal` every attempt: `{ counts, attempts: [{ at, ms, portal, url, attemptNumber, status, events, … }] }`
 */
export const deliveryControl = <E>(
  deliveries: Deliveries<E>,
  request: SimRequest,
  path: string,
): SimReply | undefined => {
  if (path === 'webhooks/retry') return { status: 200, body: { retried: deliveries.retryNow() } }
  if (path !== 'webhooks/journal') return undefined
  if (request.method === 'DELETE') {
    deliveries.attempts = []
    Object.assign(deliveries.counts, { delivered: 0, failed: 0, givenUp: 0, dropped: 0 })
    return { status: 204 }
  }
  const { attempts, counts } = deliveries
  return {
    status: 200,
    body: { counts: { attempts: attempts.length, ...counts }, waiting: deliveries.waiting(), attempts },
  }
}

/** Sets one of `DeliverySettings`. @returns whether it is one. Throws ControlRefusal for a value it cannot take. */
export const setDelivery = <E>(deliveries: Deliveries<E>, name: string, value: unknown): boolean => {
  if (!Object.hasOwn(deliveries.settings, name)) return false
  if (typeof value !== 'number' || value < 0) throw new ControlRefusal(`${name} takes a number`)
  deliveries.settings = { ...deliveries.settings, [name as keyof DeliverySettings]: value }
  return true
}
