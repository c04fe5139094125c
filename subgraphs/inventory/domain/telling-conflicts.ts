import { type EngineConflict, event, toldConflict, toldEnd } from '#schema/events.ts'

/** Tells others that a conflict waits for somebody, or no longer does: never what either side says. */
export const conflictTold = (conflict: EngineConflict) => {
  const ended = toldEnd(conflict, 'C3')
  return ended
    ? event('inventory.conflict.resolved', conflict.id, ended)
    : event('inventory.conflict.opened', conflict.id, toldConflict(conflict, 'C3'))
}
