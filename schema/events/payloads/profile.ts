/** What is thought of a customer beyond its health, as events tell of it. What it says names no persons. */
import { z } from 'zod'
import { at, decimal } from './scalars.ts'

/** A field: absent while nobody has said anything of it, null once it is no longer known. */
const of = <T extends z.ZodType>(value: T) =>
  z.object({ value: value.nullable(), confidence: decimal, asOf: at }).optional()

/** 0 to 100. */
const score = of(decimal)

/** Every field by itself: one that is left out is as it was last told. */
const profileFields = z.object({
  /** How likely the customer leaves, 0 to 100. */
  churnRisk: score,
  lifetimeValue: of(z.object({ amount: decimal, currency: z.string().length(3) })),
  /** The day on which its next order is expected. */
  nextOrderOn: of(z.iso.date()),
  /** The most urgent first. */
  recommendedActions: of(
    z.array(
      z.object({
        recommendationId: z.string().min(1),
        action: z.string(),
        priority: z.enum(['HIGH', 'MEDIUM', 'LOW']),
        dueAt: at.nullable(),
      }),
    ),
  ),
  summary: of(z.string()),
  /** How promising it is, and the parts of that. */
  score,
  financialScore: score,
  growthScore: score,
  engagementScore: score,
  fitScore: score,
  /** What speaks for its buying. */
  signals: of(z.array(z.string())),
  nextActions: of(z.array(z.string())),
  /** The stage that its deal seems to be in. */
  dealStage: of(z.string()),
})

export type ProfileFields = z.infer<typeof profileFields>

export const profile = z.object({ customerId: z.string().min(1), fields: profileFields })
