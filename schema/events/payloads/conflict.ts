/** A conflict as events tell of it: never what either side says. */
import { z } from 'zod'
import { at, id } from './scalars.ts'

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
  outcome: z.enum(['HUBSPOT', 'C3', 'HUB', 'VALUE', 'AGREED', 'GONE']),
  resolvedAt: at,
})

/** One of any system, however it stands. */
export const anyConflict = conflict.extend({ outcome: z.string().nullable(), resolvedAt: at.nullable() })

const OUTCOMES = {
  ours: 'HUB',
  merged: 'HUB',
  value: 'VALUE',
  agreed: 'AGREED',
  gone: 'GONE',
} as const

type Told = z.infer<typeof conflict>
type Ended = z.infer<typeof endedConflict>

/** A conflict as the sync engine knows it. */
export interface EngineConflict {
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

/** The engine's conflict as an event tells of it while it waits for somebody: never what either side says. */
export const toldConflict = (conflict: EngineConflict, system: Told['system']): Told => {
  const { id, connectionId, type, localId, field, word, version, decidedAt } = conflict
  return {
    ...{ conflictId: id, integrationId: connectionId, system, type, recordId: localId, field },
    ...{ policy: word, version, openedAt: decidedAt.toISOString() },
  }
}

/** The same once it no longer does; null while it does. */
export const toldEnd = (conflict: EngineConflict, system: Told['system']): Ended | null => {
  const { outcome, decidedAt, closedAt } = conflict
  if (outcome === 'open') return null
  return {
    ...toldConflict(conflict, system),
    outcome: outcome === 'theirs' ? system : OUTCOMES[outcome],
    resolvedAt: (closedAt ?? decidedAt).toISOString(),
  }
}
