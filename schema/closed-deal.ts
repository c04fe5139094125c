import { z } from 'zod'

const id = z.string().min(1)
const at = z.iso.datetime()
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/)

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
