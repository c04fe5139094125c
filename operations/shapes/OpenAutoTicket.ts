import { z } from 'zod'
import { shapeOf } from '../shape.ts'

const TRIGGERS = { asr_below_threshold: 'ASR_BELOW_THRESHOLD' } as const
type Trigger = keyof typeof TRIGGERS

interface Opened {
  isNew: boolean
  ticket: {
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
}

const low = (word: string | null): string | null => word?.toLowerCase() ?? null
const word = z.string().nullable()

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
    ticket: z.object({
      id: z.string(),
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
    }),
  }),
  toBody: ({ isNew, ticket }: Opened) => ({
    created: isNew,
    ticket: {
      id: ticket.id,
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
    },
  }),
})
