/** Something that somebody should do for a customer, as events tell of it. What it says names no persons. */
import { z } from 'zod'

const id = z.string().min(1)
const at = z.iso.datetime()

export const recommendation = z.object({
  recommendationId: id,
  customerId: id,
  action: z.string(),
  reasoning: z.string(),
  requiresHumanAction: z.boolean(),
  priority: z.enum(['HIGH', 'MEDIUM', 'LOW']),
  dueAt: at.nullable(),
  state: z.enum(['OPEN', 'DONE', 'DISMISSED', 'EXPIRED']),
  /** What came of it, once it is no longer open. */
  outcome: z.string().nullable(),
  observedAt: at,
})
