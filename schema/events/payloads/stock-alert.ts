import { z } from 'zod'

/** Stock of a part that somebody should look at. */
export const stockAlert = z.object({
  alertId: z.string().min(1),
  kind: z.enum(['LOW', 'OVERSOLD']),
  componentId: z.string().min(1),
  /** The stock row; null when it is about all of the part. */
  stockId: z.string().min(1).nullable(),
  free: z.int(),
  reorderPoint: z.int().nullable(),
  raisedAt: z.iso.datetime(),
})
