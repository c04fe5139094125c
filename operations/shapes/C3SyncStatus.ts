import { z } from 'zod'
import { shapeOf } from '../shape.ts'

const counts = z.object({ total: z.int(), synced: z.int(), pending: z.int(), errors: z.int() })
const value = z.union([z.string(), z.number()]).nullable()

interface Status {
  lastSync: string | null
  entities: (z.infer<typeof counts> & { type: string })[]
  conflicts: {
    nodes: {
      type: string
      recordId: string
      conflictType: string
      c3: { text: string | null } | null
      hub: { text: string | null } | null
      c3ChangedAt: string | null
      hubChangedAt: string | null
    }[]
  }
}

/** Quantities are numbers there; money stays the text it is, so that no cent is lost. */
const spoken = (conflictType: string, said: { text: string | null } | null): string | number | null => {
  const text = said?.text ?? null
  return conflictType === 'quantity_mismatch' && text !== null && /^-?\d{1,15}$/.test(text)
    ? Number(text)
    : text
}

/** How C3 is in step, as the earlier product answered it. */
export const shape = shapeOf({
  sent: z.strictObject({ integrationId: z.string().max(100).optional() }),
  toVariables: ({ integrationId }) => (integrationId === undefined ? {} : { integrationId }),
  body: z.object({
    lastSync: z.string().nullable(),
    syncedEntities: z.record(z.string(), counts),
    conflicts: z.array(
      z.object({
        entityType: z.string(),
        entityId: z.string(),
        conflictType: z.string(),
        c3Value: value,
        platformValue: value,
        lastModified: z.object({ c3: z.string().nullable(), platform: z.string().nullable() }),
      }),
    ),
  }),
  toBody: (status: Status | null) => ({
    lastSync: status?.lastSync ?? null,
    syncedEntities: Object.fromEntries(
      (status?.entities ?? []).map(({ type, total, synced, pending, errors }) => [
        type,
        { total, synced, pending, errors },
      ]),
    ),
    conflicts: (status?.conflicts.nodes ?? []).map((one) => ({
      entityType: one.type,
      entityId: one.recordId,
      conflictType: one.conflictType,
      c3Value: spoken(one.conflictType, one.c3),
      platformValue: spoken(one.conflictType, one.hub),
      lastModified: { c3: one.c3ChangedAt, platform: one.hubChangedAt },
    })),
  }),
})
