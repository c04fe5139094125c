/**
 * delivery  one POST of HubSpot with some events, or what of it concerns one connection
 * told      what one event says: which records to look at again. How they are now is never taken from it
 */

/** A record that may have changed at HubSpot. */
export interface Concerned {
  /** As HubSpot names the kind, such as `companies`. */
  type: string
  externalId: string
  /** When HubSpot says that it changed. */
  changedAt?: Date | undefined
  /** Its links may have changed. */
  hasLinks: boolean
}

export interface Told {
  /** Null when the sender does not name its portal. */
  portalId: string | null
  /** The same whenever the same event is sent. */
  hash: string
  occurredAt: Date | null
  /** How often it was sent before. */
  attempt: number
  /** The event as it may be kept: ids, names and times, no values. */
  kept: object
  records: Concerned[]
  /** The value that a property is said to have got: as a hash, to know an echo by. */
  says: { type: string; externalId: string; field: string; valueHash: string } | null
  /** A person whom HubSpot was told to forget. */
  forgets: string | null
}

/** Whether a kind is one that a portal has made up, by the number that it goes by there. */
export const isOwnNumber = (type: string): boolean => /^2-\d+$/.test(type)

/**
 * What an event says, with the kinds that a portal has made up under our names for them. Of those that are not ours it says nothing.
 * @param nameOf our name for a number; undefined for none of ours
 */
export const withOwnKinds = (told: Told, nameOf: (number: string) => string | undefined): Told => {
  const ours = <R extends { type: string }>(record: R): R[] => {
    const type = isOwnNumber(record.type) ? nameOf(record.type) : record.type
    return type === undefined ? [] : [{ ...record, type }]
  }
  return { ...told, records: told.records.flatMap(ours), says: (told.says && ours(told.says)[0]) ?? null }
}

/** A POST whose signature is right. */
export interface Delivery {
  /** The kind its address is for; empty for the one of all kinds. */
  receiver: string
  receivedAt: Date
  told: readonly Told[]
  /** The body as it came. */
  body: string
}

/** Where a portal's events go. */
export interface PortalRoute {
  portalId: string
  orgId: string
  integrationId: string
  /** Not so when the organisation has ended the connection. */
  isConnected: boolean
}

/** What of a delivery concerns one connection. */
export interface Share {
  delivery: Delivery
  route: PortalRoute
  told: readonly Told[]
}

/** What nobody is connected to. */
export interface Stray {
  portalId: string
  at: Date
  deliveries: number
  events: number
  /** What of each delivery it is. */
  parts: { delivery: Delivery; told: readonly Told[] }[]
}

/**
 * Says whose each event is. One portal may be connected by several organisations: each gets its events.
 * An event without a portal belongs to the only connection there is, when there is only one.
 */
export const shareOut = (
  deliveries: readonly Delivery[],
  routes: readonly PortalRoute[],
): { shares: Share[]; strays: Stray[] } => {
  const byPortal = Map.groupBy(routes, (route) => route.portalId)
  const only = byPortal.size === 1 ? routes : []
  const strays = new Map<string, Stray>()
  const shares = deliveries.flatMap((delivery) =>
    [...Map.groupBy(delivery.told, (told) => told.portalId)].flatMap(([portalId, told]) => {
      const found = portalId === null ? only : (byPortal.get(portalId) ?? [])
      if (found.length > 0) return found.map((route) => ({ delivery, route, told }))
      const name = portalId ?? ''
      const { deliveries: before = 0, events = 0, parts = [] } = strays.get(name) ?? {}
      const counted = { deliveries: before + 1, events: events + told.length }
      parts.push({ delivery, told })
      strays.set(name, { portalId: name, at: delivery.receivedAt, ...counted, parts })
      return []
    }),
  )
  return { shares, strays: [...strays.values()] }
}

/** The words of a delivery that concern one portal: all of them, unless it told of several. */
export const wordsOf = ({ body, told: all }: Delivery, told: readonly Told[]): string => {
  const portalId = told[0]?.portalId ?? null
  if (told.length === all.length || portalId === null) return body
  const entries = JSON.parse(body) as { portalId?: unknown }[]
  return JSON.stringify(entries.filter((entry) => String(entry?.portalId) === portalId))
}

/** What the words of a delivery are sealed for while it belongs to no organisation. */
export const strayPlace = (id: string): string => `customers.unroutable_deliveries:${id}`
