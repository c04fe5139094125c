/** A change, and who made it: ids, field names, and values of fields that are nobody's personal data. */
import { z } from 'zod'
import { at, id } from './scalars.ts'

export const auditEntry = z.object({
  /** Counted by the subgraph that tells it. */
  auditId: id,
  at,
  actorKind: z.enum(['user', 'key', 'system']),
  actorId: z.string(),
  action: z.string(),
  subjectType: z.string(),
  subjectId: z.string(),
  /** Before and after, by field. */
  diff: z.record(z.string(), z.tuple([z.json(), z.json()])),
  door: z.string().nullable(),
  traceId: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
})
