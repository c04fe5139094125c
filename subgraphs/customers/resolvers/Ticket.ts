import type { TicketResolvers } from '#schema/generated/customers.types.ts'
import { customer } from './belonging.ts'
import { propertiesOf } from './properties.ts'

export const Ticket: TicketResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.records.tickets.byId.load(id),
  stageLabel: (ticket) => ticket.stage_label,
  isOpen: (ticket) => ticket.is_open,
  hubspotTicketId: (ticket) => ticket.external_id,
  createdAt: (ticket) => ticket.source_created_at,
  updatedAt: (ticket) => ticket.valid_from,
  customer,
  properties: propertiesOf('tickets'),
}
