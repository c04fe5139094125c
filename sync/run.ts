/** FULL and RECONCILE list everything and find what is gone by its absence; INCREMENTAL reads changes and the archive. */
export type RunMode = 'FULL' | 'INCREMENTAL' | 'RECONCILE'
export type RunState = 'QUEUED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED'

/** What somebody asked for goes before what the hub does by itself. */
export type RunPriority = 'ASKED' | 'BACKGROUND'

/** What was done with records so far. `done` is all that were looked at. */
export interface Counts {
  done: number
  created: number
  updated: number
  skipped: number
  deleted: number
  failed: number
  conflicts: number
  apiCalls: number
}

export const noCounts = (): Counts => ({
  done: 0,
  created: 0,
  updated: 0,
  skipped: 0,
  deleted: 0,
  failed: 0,
  conflicts: 0,
  apiCalls: 0,
})

/** A run as others see it. */
export interface RunProgress extends Counts {
  id: string
  orgId: string
  connectionId: string
  mode: RunMode
  state: RunState
  priority: RunPriority
  /** How often a worker has taken it. */
  attempts: number
  /** Records to look at in all; null until every type has told. */
  total: number | null
  /** Records per second since the run started. */
  rate: number
  eta: Date | null
  requestedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  /** For people: what went wrong and what to do. */
  error: string | null
  types: { type: string; done: number; total: number | null; complete: boolean }[]
}

/** A run that this process holds. */
export interface HeldRun {
  id: string
  orgId: string
  connectionId: string
  mode: RunMode
  /** Goes up each time a worker takes the run: who holds an older one may no longer write. */
  token: number
  /** How often a worker has taken the run, this time included. */
  attempts: number
  startedAt: Date
}
