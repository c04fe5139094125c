/** A ticket that the hub opened by itself, in the words of WARP: what the routes that speak of one answer. */
import { z } from 'zod'

/** The ticket as the graph answers it. */
export interface TicketAnswered {
  id: string
  subject: string
  priority: string | null
  category: string
  subcategory: string | null
  issueType: string | null
  warpTrunkId: string | null
  severity: string | null
  slaBreachAt: string | null
  technicalDetails: string | null
  createdAt: string
}

const word = z.string().nullable()

export const ticketBody = z.object({
  id: z.string(),
  hubspot_ticket_id: word,
  subject: z.string(),
  priority: word,
  category: word,
  subcategory: word,
  warp_issue_type: word,
  warp_trunk_id: word,
  warp_severity: word,
  warp_sla_breach: word,
  warp_technical_details: word,
  created_at: z.string(),
})

const low = (text: string | null): string | null => text?.toLowerCase() ?? null

/** @param hubspotId null while HubSpot does not have it */
export const ticketAsDocumented = (
  ticket: TicketAnswered,
  hubspotId: string | null,
): z.infer<typeof ticketBody> => ({
  id: ticket.id,
  hubspot_ticket_id: hubspotId,
  subject: ticket.subject,
  priority: ticket.priority,
  category: low(ticket.category),
  subcategory: low(ticket.subcategory),
  warp_issue_type: low(ticket.issueType),
  warp_trunk_id: ticket.warpTrunkId,
  warp_severity: low(ticket.severity),
  warp_sla_breach: ticket.slaBreachAt,
  warp_technical_details: ticket.technicalDetails,
  created_at: ticket.createdAt,
})
