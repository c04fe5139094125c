import { BadInput } from '#kernel/errors.ts'
import type { Keyset, Position } from '#service/connection.ts'
import type { SyncRunRow } from '../domain/sync-run.ts'
import type { RunsPage } from '../store/sync-runs.ts'

/** A run's place in the list, newest first. */
export const placeOf = (run: SyncRunRow): Position => [run.requestedAt.toISOString(), run.id]

/** A page as the store takes it. @throws BAD_INPUT when the cursor is of another list */
export const runsPage = ({ limit, after }: Keyset): RunsPage => {
  if (!after) return { limit, after: null }
  const [at, id] = after
  if (typeof at !== 'string' || typeof id !== 'string' || Number.isNaN(Date.parse(at)))
    throw BadInput.with({ field: 'after', reason: 'is not a cursor of this list' })
  return { limit, after: [at, id] }
}
