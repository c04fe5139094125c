/** Something that was noticed, as events tell of it. What it says names no persons. */
import { z } from 'zod'
import { at, id, money } from './scalars.ts'

export const insight = z.object({
  insightId: id,
  /** Null when it is about a part or a supplier. */
  customerId: id.nullable(),
  detector: z.string(),
  type: z.enum([
    'CLIENT_HEALTH',
    'REVENUE_OPTIMIZATION',
    'CHURN_RISK',
    'UPSELL',
    'ENGAGEMENT',
    'PAYMENT',
    'SUPPORT',
    'USAGE',
    'SUPPLY_CHAIN',
  ]),
  state: z.enum(['NEW', 'ACCEPTED', 'DISMISSED', 'DONE', 'EXPIRED']),
  confidence: z.int().min(0).max(100),
  impact: z.enum(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']),
  /** What is at stake in a year; null when that is not known. */
  valueAtStake: money.nullable(),
  sentence: z.string(),
  raisedAt: at,
  validUntil: at.nullable(),
  observedAt: at,
})
