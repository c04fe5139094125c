/** A trouble that somebody has to look at, as events tell of it: ids, codes and public sentences only. */
import { z } from 'zod'
import { id } from './scalars.ts'

/** Something failed again and again at a connection. */
export const alert = z.object({
  alertId: id,
  integrationId: id,
  subject: z.enum(['CONNECTION', 'RECORD']),
  /** The kind of record; null when it is about the whole connection. */
  type: z.string().nullable(),
  code: z.string(),
  reason: z.string(),
  guidance: z.string(),
  /** How many records, or how many failures in a row of the connection. */
  count: z.int(),
  raisedAt: z.iso.datetime(),
})

/** One of any system. */
export const anyAlert = alert.extend({ system: z.enum(['HUBSPOT', 'C3']) })
