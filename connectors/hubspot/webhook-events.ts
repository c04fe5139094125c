import { z } from 'zod'
import { parseBounded } from '../webhook.ts'

/** A change at HubSpot, as it tells of it: ids and names. What a record says is read from the record itself. */
export interface HubSpotEvent {
  /** What happened to what, such as `company.propertyChange` or `object.creation`. */
  subscriptionType: string
  /** Absent only in deliveries that do not name their portal. */
  portalId?: string | undefined
  eventId?: string | undefined
  subscriptionId?: string | undefined
  appId?: string | undefined
  objectId?: string | undefined
  /** For `object.*`: which kind of object, such as `0-1`. */
  objectTypeId?: string | undefined
  /** Milliseconds since 1970, by HubSpot's clock. Deliveries keep no order, so it is only a hint. */
  occurredAt?: number | undefined
  /** 0 for the first try to deliver. */
  attemptNumber?: number | undefined
  propertyName?: string | undefined
  /** The value it got, only to tell whether it is the one that we have written: never to be kept, nor taken for the truth. */
  propertyValue?: string | undefined
  changeSource?: string | undefined
  /** For merges: who is left, who went, and the new record where there is one. */
  primaryObjectId?: string | undefined
  mergedObjectIds?: string[] | undefined
  newObjectId?: string | undefined
  /** For associations: both ends, and their kinds as `CONTACT_TO_COMPANY` or by type ids. */
  associationType?: string | undefined
  fromObjectId?: string | undefined
  toObjectId?: string | undefined
  fromObjectTypeId?: string | undefined
  toObjectTypeId?: string | undefined
  associationRemoved?: boolean | undefined
  isPrimaryAssociation?: boolean | undefined
}

export interface ReadDelivery {
  events: HubSpotEvent[]
  /** Entries that are no events. They cost the others nothing. */
  unreadable: number
}

const MOST_EVENTS = 1_000
const LONGEST_TEXT = 200

/** PostgreSQL stores neither NUL nor half a character. */
const text = z.string().transform((value) => value.toWellFormed().replaceAll('\0', '').slice(0, LONGEST_TEXT))
/** Longer ones are no echo that anybody would miss. */
const value = z.union([z.string().max(2_000), z.number().transform(String), z.boolean().transform(String)])
const id = z.union([z.string().regex(/^[\w-]{1,60}$/), z.number().int().nonnegative().transform(String)])
const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined)

const native = z.object({
  subscriptionType: z.string().regex(/^[\w.-]{1,100}$/),
  portalId: maybe(id),
  eventId: maybe(id),
  subscriptionId: maybe(id),
  appId: maybe(id),
  objectId: maybe(id),
  objectTypeId: maybe(text),
  occurredAt: maybe(z.number().min(0).max(8.64e15)),
  attemptNumber: maybe(z.int().min(0).max(1_000)),
  propertyName: maybe(text),
  propertyValue: maybe(value).catch(undefined),
  changeSource: maybe(text),
  primaryObjectId: maybe(id),
  mergedObjectIds: maybe(z.array(id).max(1_000)),
  newObjectId: maybe(id),
  associationType: maybe(text),
  fromObjectId: maybe(id),
  toObjectId: maybe(id),
  fromObjectTypeId: maybe(text),
  toObjectTypeId: maybe(text),
  associationRemoved: maybe(z.boolean()),
  isPrimaryAssociation: maybe(z.boolean()),
})

/** One event by itself, with other names and a time in words: what senders other than HubSpot were told to send. */
const single = z
  .object({
    eventType: z.string().regex(/^[\w.-]{1,100}$/),
    objectId: id,
    portalId: maybe(id),
    propertyName: maybe(text),
    timestamp: maybe(z.iso.datetime({ offset: true })),
  })
  .transform(
    ({ eventType, timestamp, ...rest }): HubSpotEvent => ({
      ...rest,
      subscriptionType: eventType,
      occurredAt: timestamp === undefined ? undefined : Date.parse(timestamp),
    }),
  )

/**
 * Reads the body of a delivery whose signature is right.
 * @returns undefined when it is no delivery at all: not UTF-8, not JSON, too many or too deep
 */
export const readDelivery = (body: Uint8Array): ReadDelivery | undefined => {
  const parsed = parseBounded(body)
  if (Array.isArray(parsed)) {
    if (parsed.length > MOST_EVENTS) return undefined
    const events = parsed.flatMap((entry) => native.safeParse(entry).data ?? [])
    return { events, unreadable: parsed.length - events.length }
  }
  const event = single.safeParse(parsed).data ?? native.safeParse(parsed).data
  return event && { events: [event], unreadable: 0 }
}
