import { event } from '#schema/events.ts'

/** What is told of a conflict. */
export interface ToldConflict {
  id: string
  connectionId: string
  type: string
  localId: string
  field: string
  /** The policy as people call it. */
  word: string
  version: number
  outcome: 'open' | 'theirs' | 'ours' | 'merged' | 'value' | 'agreed' | 'gone'
  decidedAt: Date
  closedAt: Date | null
}

const OUTCOMES = {
  theirs: 'HUBSPOT',
  ours: 'HUB',
  merged: 'HUB',
  value: 'VALUE',
  agreed: 'AGREED',
  gone: 'GONE',
} as const

/** Tells others that a conflict waits for somebody, or no longer does: never what either side says. */
export const conflictTold = (conflict: ToldConflict) => {
  const { id, connectionId, type, localId, field, word, version, outcome, decidedAt, closedAt } = conflict
  const told = {
    conflictId: id,
    integrationId: connectionId,
    system: 'HUBSPOT' as const,
    type,
    recordId: localId,
    field,
    policy: word,
    version,
    openedAt: decidedAt.toISOString(),
  }
  return outcome === 'open'
    ? event('customers.conflict.opened', id, told)
    : event('customers.conflict.resolved', id, {
        ...told,
        outcome: OUTCOMES[outcome],
        resolvedAt: (closedAt ?? decidedAt).toISOString(),
      })
}
