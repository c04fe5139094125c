import { z } from 'zod'
import { shapeOf } from '../shape.ts'
import { type TicketAnswered, ticketAsDocumented, ticketBody } from '../ticket-words.ts'

const TRIGGERS = { asr_below_threshold: 'ASR_BELOW_THRESHOLD' } as const
type Trigger = keyof typeof TRIGGERS

interface Opened {
  isNew: boolean
  hubspotTicketId: string | null
  ticket: TicketAnswered
}

/** A ticket that is opened by a measure, as WARP asks for it. */
export const shape = shapeOf({
  sent: z.strictObject({
    trigger: z.enum(Object.keys(TRIGGERS) as [Trigger, ...Trigger[]]),
    customer_id: z.string().min(1).max(100),
    data: z.strictObject({
      trunk_id: z.string().min(1).max(100),
      current_asr: z.number().min(0).max(1),
      threshold: z.number().min(0).max(1),
      period: z.string().min(1).max(40),
    }),
  }),
  toVariables: ({ trigger, customer_id, data }) => ({
    input: {
      trigger: TRIGGERS[trigger],
      customerId: customer_id,
      trunkId: data.trunk_id,
      currentAsr: data.current_asr,
      threshold: data.threshold,
      period: data.period,
    },
  }),
  body: z.object({
    created: z.boolean(),
    ticket: ticketBody,
  }),
  toBody: ({ isNew, hubspotTicketId, ticket }: Opened) => ({
    created: isNew,
    ticket: ticketAsDocumented(ticket, hubspotTicketId),
  }),
})
