/** A connection, as events tell of it. */
import { z } from 'zod'
import { at, id } from './scalars.ts'

export const integration = z.object({
  integrationId: id,
  name: z.string(),
  system: z.enum(['HUBSPOT', 'C3']),
  status: z.enum(['ACTIVE', 'NEEDS_REAUTH', 'PAUSED']),
  lastSyncAt: at.nullable(),
  /** Somebody ended the connection. Connected again, it has the same id. */
  removed: z.boolean().optional(),
})
