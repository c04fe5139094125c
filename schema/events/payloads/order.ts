import { z } from 'zod'
import { at, decimal, id, money } from './scalars.ts'

/** What an account bought on a day, or gave back, as events tell of it. C3 knows single lines of trade: this is those of one day together. */
export const order = z.object({
  /** Of the account, the day, the currency and the kind: it names nothing in C3. */
  orderId: id,
  accountId: id,
  kind: z.enum(['SALE', 'RETURN']),
  /** The day in UTC, and the moment of its first line. */
  day: z.iso.date(),
  orderedAt: at,
  /** What all of its lines came to; null when none of them is left. Never negative, whatever the kind. */
  total: money.nullable(),
  /** Part by part; what is not known of a part is null. */
  lines: z.array(
    z.object({
      componentId: id,
      manufacturer: z.string(),
      category: z.string().nullable(),
      family: z.string().nullable(),
      quantity: z.int(),
      /** In the currency of the total. */
      amount: decimal,
    }),
  ),
  observedAt: at,
  deleted: z.boolean(),
})
