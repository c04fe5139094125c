/** A measure of an account that has left its bounds, as events tell of it. */
import { z } from 'zod'
import { at, decimal, id } from './scalars.ts'
import { SEVERITIES } from './severity.ts'

export const thresholdAlert = z.object({
  alertId: id,
  ban: id,
  /** Null when it is about the whole account. */
  trunkId: id.nullable(),
  measure: z.enum(['MINUTES', 'SPEND', 'CREDIT', 'CONCURRENCY', 'ANSWER_RATIO']),
  severity: z.enum(SEVERITIES),
  /** What was measured, and what it must not reach (of an answer ratio: fall below), in the measure's unit. */
  value: decimal,
  bound: decimal,
  /** The full limit that the bound is a share of; null for an answer ratio. */
  limit: decimal.nullable(),
  /** The bound in percent of the limit, such as 80; null for an answer ratio. */
  percent: z.int().nullable(),
  /** Of amounts of money. */
  currency: z.string().length(3).nullable(),
  /** Over which stretch of time it was measured. */
  period: z.enum(['month_to_date', 'last_hour', 'now']),
  openedAt: at,
  /** Until when somebody has to have dealt with it. */
  dueAt: at,
  /** Null while it is open. */
  closedAt: at.nullable(),
  observedAt: at,
})
