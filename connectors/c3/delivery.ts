import { createHmac } from 'node:crypto'
import * as z from 'zod'
import { isSameSignature, parseBounded, type TimeFault, timeFault } from '../webhook.ts'
import { type ChangeEvent, type Delivery, WEBHOOK_HEADERS } from './wire.ts'

/** Why a delivery is not believed; for the log, never for the sender. */
export type SignatureFault = 'no signature' | 'no timestamp' | TimeFault | 'wrong signature'

/** What the headers of a delivery promise, before a byte of the body is read. */
export interface Claim {
  signature: string
  /** Epoch seconds, as sent. */
  timestamp: string
  ageMs: number
}

/** The signature of a body: `v1=` and the HMAC-SHA256 of timestamp, full stop and body. */
export const signDelivery = (secret: string, timestamp: string, body: Uint8Array): string =>
  `v1=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`

/**
 * Reads what the headers claim.
 * @param now our clock: the sender's may be wrong
 */
export const readClaim = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: Date,
): Claim | SignatureFault => {
  const signature = headers[WEBHOOK_HEADERS.signature]
  const timestamp = headers[WEBHOOK_HEADERS.timestamp]
  if (typeof signature !== 'string') return 'no signature'
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return 'no timestamp'
  const ageMs = now.getTime() - Number(timestamp) * 1_000
  return timeFault(ageMs) ?? { signature, timestamp, ageMs }
}

/** Whether one of the secrets made the claimed signature. Every secret is tried to the end, whichever fits. */
export const isSignedBy = (secrets: readonly string[], claim: Claim, body: Uint8Array): boolean =>
  secrets
    .map((secret) => isSameSignature(signDelivery(secret, claim.timestamp, body), claim.signature))
    .includes(true)

const MOST_EVENTS = 1_000
const text = z.string().regex(/^[\x20-\x7e]{1,100}$/)
const event = z.object({
  eventId: text,
  entity: text,
  id: text,
  version: z.int().min(1),
  kind: z.enum(['CHANGED', 'DELETED']),
  occurredAt: z.string().refine((at) => !Number.isNaN(Date.parse(at))),
})
const delivery = z.object({
  deliveryId: text,
  accountId: text,
  attempt: z.int().min(1),
  events: z.array(z.unknown()).max(MOST_EVENTS),
})

export interface ReadDelivery extends Pick<Delivery, 'deliveryId' | 'accountId' | 'attempt'> {
  /** Of kinds that this hub may not know. */
  events: (Omit<ChangeEvent, 'entity'> & { entity: string })[]
  /** Entries that are no events. They cost the others nothing. */
  unreadable: number
}

/** Reads the body of a delivery whose signature is right; undefined when it is none. */
export const readDelivery = (body: Uint8Array): ReadDelivery | undefined => {
  const read = delivery.safeParse(parseBounded(body)).data
  if (!read) return undefined
  const events = read.events.flatMap((each) => event.safeParse(each).data ?? [])
  return { ...read, events, unreadable: read.events.length - events.length }
}
