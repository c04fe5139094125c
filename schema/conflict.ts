/** A conflict as events tell of it: never what either side says. */
import { z } from 'zod'

const id = z.string().min(1)
const at = z.iso.datetime()

/** A field that both sides changed, and that waits for a person. */
export const conflict = z.object({
  conflictId: id,
  integrationId: id,
  system: z.enum(['HUBSPOT', 'C3']),
  /** The kind of record, as the other system names it. */
  type: z.string(),
  /** The record's id in the hub. */
  recordId: id,
  field: z.string(),
  policy: z.string(),
  version: z.int(),
  openedAt: at,
})

/** One that waited, and has ended. */
export const endedConflict = conflict.extend({
  outcome: z.enum(['HUBSPOT', 'HUB', 'VALUE', 'AGREED', 'GONE']),
  resolvedAt: at,
})

/** One of any system, however it stands. */
export const anyConflict = conflict.extend({ outcome: z.string().nullable(), resolvedAt: at.nullable() })
