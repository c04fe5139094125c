import type { EventPayload } from '#schema/events.ts'

/** A conflict, as the graph tells of it. */
export interface ConflictEventRow {
  id: string
  version: number
  system: 'HUBSPOT' | 'C3'
  integrationId: string
  type: string
  recordId: string
  field: string
  policy: string
  isOpen: boolean
  outcome: string | null
  openedAt: Date
  closedAt: Date | null
}

/** A conflict as an event tells of it. */
export const conflictFromEvent = (told: EventPayload<'hub.conflict.changed'>): ConflictEventRow => {
  const { conflictId: id, openedAt, resolvedAt, ...rest } = told
  return {
    ...rest,
    id,
    isOpen: resolvedAt === null,
    openedAt: new Date(openedAt),
    closedAt: resolvedAt === null ? null : new Date(resolvedAt),
  }
}
