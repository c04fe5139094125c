/** Something that somebody should do for a customer, as events tell of it. What it says names no persons. */
import { z } from 'zod'
import { at, id, money } from './scalars.ts'

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

/** Something that is recommended about a part, a request for prices or a supplier. */
export const partRecommendation = z.object({
  recommendationId: id,
  kind: z.enum(['PRICING', 'ALTERNATIVE', 'STOCK_LEVEL', 'SUPPLY_RISK']),
  state: z.enum(['PROPOSED', 'ACCEPTED', 'REJECTED', 'SUPERSEDED', 'EXPIRED']),
  /** Whose request it is for; null when it is for none. */
  accountId: id.nullable(),
  rfqId: id.nullable(),
  componentId: id.nullable(),
  partNumber: z.string().nullable(),
  alternativePartNumber: z.string().nullable(),
  c3SupplierId: z.string().nullable(),
  severity: z.enum(['LOW', 'MEDIUM', 'HIGH']).nullable(),
  /** The price that is recommended, or what is saved per piece. */
  amount: money.nullable(),
  confidence: z.int().min(0).max(100),
  method: z.string(),
  methodVersion: z.int(),
  /** Null where people wrote it: they may name somebody. */
  reasoning: z.string().nullable(),
  outcome: z
    .object({
      result: z.enum(['QUOTED', 'WON', 'LOST', 'EXPIRED', 'ORDERED', 'NOT_TAKEN']),
      price: money.nullable(),
      quantity: z.int().nullable(),
    })
    .nullable(),
  observedAt: at,
})
