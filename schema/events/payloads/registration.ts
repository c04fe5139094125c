/** What carriers have to approve before an account may send messages (10DLC) or take numbers along, as events tell of it. */
import { z } from 'zod'
import { at, id } from './scalars.ts'

/** Who sends the messages, as The Campaign Registry knows it. */
export const brand = z.object({
  brandId: id,
  ban: id,
  /** The registry's own id; null until it has given one. */
  tcrBrandId: z.string().nullable(),
  status: z.enum(['PENDING', 'REGISTERED', 'REJECTED', 'EXPIRED']),
  observedAt: at,
})

/** What a brand sends messages for. */
export const campaign = z.object({
  campaignId: id,
  brandId: id,
  ban: id,
  /** The registry's own id; null until it has given one. */
  tcrCampaignId: z.string().nullable(),
  useCase: z.string(),
  status: z.enum(['PENDING', 'REGISTERED', 'REJECTED', 'EXPIRED']),
  observedAt: at,
})

/** Numbers that come from another carrier, or leave to one. */
export const portOrder = z.object({
  portOrderId: id,
  ban: id,
  direction: z.enum(['IN', 'OUT']),
  status: z.enum(['DRAFT', 'SUBMITTED', 'CONFIRMED', 'REJECTED', 'CANCELLED', 'COMPLETED']),
  numberIds: z.array(id),
  /** The day on which carriers have agreed to move them. */
  agreedOn: z.iso.date().nullable(),
  observedAt: at,
})
