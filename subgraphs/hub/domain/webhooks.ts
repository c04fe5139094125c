/** What a partner's webhook may be, and what may be done with it. */
import { PARTNER_EVENTS, type PartnerEventName } from '#schema/events.ts'

export type { PartnerEventName } from '#schema/events.ts'
export type WebhookState = 'ACTIVE' | 'PAUSED' | 'DISABLED'

/** What somebody wants a webhook to be. */
export interface WebhookWish {
  name: string
  url: string
  events: readonly PartnerEventName[]
}

/** What is wrong with a wish, and where. */
export interface WishFault {
  field: string
  message: string
}

const LONGEST_NAME = 100
const LONGEST_URL = 2000
const LONGEST_REASON = 300
/** As many as an organisation may have. */
export const MOST_WEBHOOKS = 50
const MOST_OVERLAP_HOURS = 168

/** Events that are sent on request alone are in nobody's list. */
const WANTABLE: ReadonlySet<string> = new Set(PARTNER_EVENTS.filter((name) => name !== 'WEBHOOK_TEST'))

/**
 * Finds what is wrong with a wish.
 * @param mayBe whether an address is called at all
 */
export const wishFault = (
  { name, url, events }: Partial<WebhookWish>,
  mayBe: (url: string) => boolean,
): WishFault | undefined => {
  if (name !== undefined && (name.trim() === '' || name.trim().length > LONGEST_NAME))
    return { field: 'name', message: `Give the webhook a name of 1 to ${LONGEST_NAME} characters.` }
  if (url !== undefined && (url.length > LONGEST_URL || !mayBe(url)))
    return {
      field: 'url',
      message: 'Give an https address that the world can reach, without a name, a password or a # in it.',
    }
  if (events !== undefined && (events.length === 0 || !events.every((event) => WANTABLE.has(event))))
    return { field: 'events', message: `Name at least one of ${[...WANTABLE].join(', ')}.` }
  return undefined
}

/** Why a webhook is paused, as it is kept. */
export const reasonFault = (reason: string | null): WishFault | undefined =>
  (reason?.length ?? 0) > LONGEST_REASON
    ? { field: 'reason', message: `Say why in up to ${LONGEST_REASON} characters.` }
    : undefined

export const overlapFault = (hours: number): WishFault | undefined =>
  Number.isInteger(hours) && hours >= 0 && hours <= MOST_OVERLAP_HOURS
    ? undefined
    : { field: 'overlapHours', message: `Let both secrets sign for 0 to ${MOST_OVERLAP_HOURS} hours.` }

/** What is to be replayed: a stretch of time, or single events. */
export interface Range {
  from?: Date | null | undefined
  to?: Date | null | undefined
  eventIds?: readonly string[] | null | undefined
}

const MOST_EVENTS = 1000

export const rangeFault = ({ from, to, eventIds }: Range): WishFault | undefined => {
  if (eventIds ? from || to : !from)
    return {
      field: 'range',
      message: 'Say from when on (`from`, and `to` if you like), or which events (`eventIds`).',
    }
  if (from && to && to <= from) return { field: 'to', message: 'Name an end that is after the beginning.' }
  if (eventIds && (eventIds.length === 0 || eventIds.length > MOST_EVENTS))
    return { field: 'eventIds', message: `Name 1 to ${MOST_EVENTS} events, or a stretch of time.` }
  return undefined
}

/**
 * A secret as Standard Webhooks writes it.
 * @param random 24 to 64 bytes: chance is an input
 */
export const secretFrom = (random: Buffer): string => `whsec_${random.toString('base64')}`

/** What a secret is sealed for: one place of one webhook. */
export const placeOfSecret = (orgId: string, webhookId: string): string =>
  `${orgId} partner webhook ${webhookId}`
