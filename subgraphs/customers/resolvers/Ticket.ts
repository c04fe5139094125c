import type { TicketResolvers } from '#schema/generated/customers.types.ts'
import { portalId } from '../store/portal-ids.ts'
import { customer, owner } from './belonging.ts'
import { contactsOf, notesOf, tasksOf } from './child-pages.ts'
import { externalIds } from './external-ids.ts'
import { pendingWrites } from './pending-writes.ts'
import { propertiesOf } from './properties.ts'

export const Ticket: TicketResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.records.tickets.byId.load(id),
  stageLabel: (ticket) => ticket.stage_label,
  isOpen: (ticket) => ticket.is_open,
  hubspotCategory: (ticket) => ticket.hubspot_category,
  issueType: (ticket) => ticket.issue_type,
  warpTrunkId: (ticket) => ticket.trunk_id,
  warpCallId: (ticket) => ticket.call_id,
  slaBreachAt: (ticket) => ticket.sla_breach_at,
  technicalDetails: (ticket) => ticket.technical_details,
  closedAt: (ticket) => (ticket.is_open ? null : ticket.closed_at),
  contacts: contactsOf('tickets'),
  owner,
  hubspotTicketId: (ticket) => portalId(ticket.external_id),
  externalIds,
  pendingWrites,
  createdAt: (ticket) => ticket.source_created_at,
  updatedAt: (ticket) => ticket.valid_from,
  tasks: tasksOf('tickets'),
  notes: notesOf('tickets'),
  customer,
  properties: propertiesOf('tickets'),
}
