import { type EngineConflict, event, toldConflict, toldEnd } from '#schema/events.ts'

/** Tells others that a conflict waits for somebody, or no longer does: never what either side says. */
export const conflictTold = (conflict: EngineConflict) => {
  const ended = toldEnd(conflict, 'HUBSPOT')
  return ended
    ? event('customers.conflict.resolved', conflict.id, ended)
    : event('customers.conflict.opened', conflict.id, toldConflict(conflict, 'HUBSPOT'))
}
