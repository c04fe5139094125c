/**
 * What has happened to tickets, found by comparing what is told with what was told before.
 *
 * history  what had happened before the portal was connected, or long before anybody told of it: it is not news to anybody
 */
export interface TicketSighting {
  subject: 'TICKET'
  id: string
  at: string
  state: TicketState
}

export interface TicketState {
  isOpen: boolean
  priority: string | null
  createdAt: string
  closedAt: string | null
}

export interface TicketHappening {
  kind: 'ticket_created' | 'ticket_resolved' | 'ticket_escalated'
  ticketId: string
  /** What it happened to, and when: the same for the same happening, however often it is told. */
  about: string
  at: string
}

/** What is older than this when it is told is history. */
const NEWS_FOR_MS = 2 * 24 * 3_600_000

/** From this priority on somebody has to hurry. */
const RANKS: Readonly<Record<string, number>> = { LOW: 1, MEDIUM: 2, HIGH: 3, URGENT: 4 }
const PRESSING = 3
const rankOf = ({ priority }: TicketState): number => RANKS[priority?.toUpperCase() ?? ''] ?? 0

/**
 * What has happened since, by tickets: each was opened, closed, or raised to a pressing priority while it was open. What is told again,
 * or late, makes nothing happen. Pure.
 * @returns how tickets stand after it, of those that were told anew
 */
export const ticketHappenings = (
  before: ReadonlyMap<string, TicketSighting>,
  sightings: readonly TicketSighting[],
): { happenings: TicketHappening[]; now: Map<string, TicketSighting> } => {
  const now = new Map<string, TicketSighting>()
  const happenings: TicketHappening[] = []
  for (const seen of sightings) {
    const was = now.get(seen.id) ?? before.get(seen.id)
    if (was && was.at > seen.at) continue
    now.set(seen.id, seen)
    happenings.push(...ofTicket(seen, was))
  }
  return { happenings, now }
}

const ofTicket = (seen: TicketSighting, was: TicketSighting | undefined): TicketHappening[] => {
  const { id, state, at } = seen
  const happened = (
    kind: TicketHappening['kind'],
    moment: string,
    mark: string = moment,
  ): TicketHappening => ({ kind, ticketId: id, about: `${id} ${mark}`, at: moment })
  const happenings: TicketHappening[] = []
  // It was opened once, however often it is told for the first time.
  if (!was) happenings.push(happened('ticket_created', state.createdAt, 'opened'))
  if (!state.isOpen && was?.state.isOpen !== false)
    happenings.push(happened('ticket_resolved', state.closedAt ?? at))
  if (was && state.isOpen && rankOf(state) >= PRESSING && rankOf(state) > rankOf(was.state))
    happenings.push(happened('ticket_escalated', at))
  return happenings
}

/** Whether a happening is history to a portal. Pure. */
export const isHistory = (
  happenedAt: Date,
  { connectedAt, now }: { connectedAt: Date; now: Date },
): boolean => happenedAt < connectedAt || now.getTime() - happenedAt.getTime() > NEWS_FOR_MS
