import type { LoggedEvent } from '#events/log.ts'
import { idFrom, isId } from '#kernel/ids.ts'
import { readEvent } from '#schema/events.ts'
import { isPlaceholder } from '#sync/links.ts'
import { isHistory, type TicketSighting, ticketHappenings } from '../domain/ticket-happenings.ts'
import { tokensThatMayLeave } from '../domain/timeline.ts'
import type { NewTimelineRow } from '../store/timeline.ts'
import { setTold, toldTickets } from '../store/timeline-told.ts'
import { asTransaction } from '../store/transaction.ts'
import { standingRecords } from '../store/written-records.ts'
import { toldPortals } from './take-happenings.ts'
import { tellTimeline } from './tell-timeline.ts'

/** Our own events that timelines are told of. */
export const TICKET_EVENTS = ['customers.ticket.changed'] as const

/**
 * Makes events for timelines out of what becomes of tickets, each once, where a portal wants them: on the company that the ticket
 * belongs to. What had happened before is kept, to compare with, and not told. A batch takes the same number of statements, however
 * many events it has.
 */
export const takeTicketHappenings =
  ({ hasDeveloper, now }: { hasDeveloper: boolean; now: () => Date }) =>
  async (raw: object, orgId: string, events: readonly LoggedEvent[]): Promise<void> => {
    const tx = asTransaction(raw)
    const told = events
      .map(({ version, payload }) => readEvent('customers.ticket.changed', version, payload))
      .filter(({ ticketId, deleted }) => isId(ticketId) && !deleted)
    if (told.length === 0) return
    const held = await toldTickets(tx, orgId, [...new Set(told.map(({ ticketId }) => ticketId))])
    const sightings = told
      // Somebody may say only later whose a new ticket is: then it is news.
      .filter(({ ticketId, companyId }) => companyId !== null || held.has(ticketId))
      .map(
        ({ ticketId, observedAt, isOpen, priority, createdAt, closedAt }): TicketSighting => ({
          ...{ subject: 'TICKET', id: ticketId, at: instant(observedAt) },
          state: { isOpen, priority, createdAt: instant(createdAt), closedAt: closedAt && instant(closedAt) },
        }),
      )
    const happened = ticketHappenings(held, sightings)
    await setTold(tx, orgId, [...happened.now.values()])
    const companies = new Map(told.map(({ ticketId, companyId }) => [ticketId, companyId]))
    const ours = happened.happenings.filter(({ ticketId }) => isId(companies.get(ticketId) ?? ''))
    if (ours.length === 0) return
    const portals = await toldPortals(tx, orgId, hasDeveloper)
    if (portals.size === 0) return
    const records = await standingRecords(tx, orgId, 'tickets', [
      ...new Set(ours.map((each) => each.ticketId)),
    ])
    const at = now()
    const rows = ours.flatMap(({ kind, ticketId, about, at: happenedAt }): NewTimelineRow[] => {
      const ticket = records.get(ticketId)
      const portal = ticket && portals.get(ticket.integration_id)
      const occurredAt = new Date(happenedAt)
      if (!ticket || !portal?.kinds.has(kind)) return []
      if (isHistory(occurredAt, { connectedAt: portal.since, now: at })) return []
      const { integration_id, external_id, properties } = ticket
      const tokens = tokensThatMayLeave(
        {
          ticket_id: isPlaceholder(external_id) ? ticketId : external_id,
          ticket_subject: String(properties.subject ?? '').slice(0, LONGEST) || external_id,
        },
        { sendsAddresses: false },
      )
      const id = idFrom(orgId, 'timeline', integration_id, kind, about)
      const company_id = companies.get(ticketId) ?? ''
      return [{ id, integration_id, company_id, kind, tokens, occurred_at: occurredAt }]
    })
    await tellTimeline(tx, orgId, rows, at)
  }

const LONGEST = 1000
const instant = (text: string): string => new Date(text).toISOString()
