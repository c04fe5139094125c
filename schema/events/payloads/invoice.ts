import { z } from 'zod'
import { at, decimal, id } from './scalars.ts'

/** What an account has to pay for a month, as events tell of it. */
export const invoice = z.object({
  invoiceId: id,
  /** The number people quote. */
  number: z.string(),
  ban: id,
  /** The month it is for, as `YYYY-MM` of the organisation's time zone. */
  month: z.string().regex(/^\d{4}-\d{2}$/),
  total: z.object({ amount: decimal, currency: z.string().length(3) }),
  status: z.enum(['ISSUED', 'PAID', 'OVERDUE', 'VOID']),
  issuedAt: at,
  dueOn: z.iso.date(),
  paidAt: at.nullable(),
  observedAt: at,
})
