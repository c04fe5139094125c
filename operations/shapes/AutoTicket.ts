import { z } from 'zod'
import { shapeOf } from '../shape.ts'
import { type TicketAnswered, ticketAsDocumented, ticketBody } from '../ticket-words.ts'

/** A ticket that was opened by a measure, to whoever asks whether HubSpot has it by now. */
export const shape = shapeOf({
  sent: z.strictObject({ ticketId: z.string().min(1).max(100) }),
  toVariables: ({ ticketId }) => ({ ticketId }),
  body: z.object({ open: z.boolean(), ticket: ticketBody }),
  toBody: (ticket: TicketAnswered & { hubspotTicketId: string | null; isOpen: boolean }) => ({
    open: ticket.isOpen,
    ticket: ticketAsDocumented(ticket, ticket.hubspotTicketId),
  }),
})
