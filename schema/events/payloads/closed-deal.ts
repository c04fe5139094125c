import { z } from 'zod'
import { at, decimal, id } from './scalars.ts'

/** A deal that was closed, whichever way. */
export const closedDeal = z.object({
  dealId: id,
  customerId: id.nullable(),
  companyId: id.nullable(),
  pipeline: z.string(),
  stage: z.string(),
  stageLabel: z.string().nullable(),
  amount: z.object({ amount: decimal, currency: z.string().length(3) }).nullable(),
  closedAt: at,
  observedAt: at,
})
