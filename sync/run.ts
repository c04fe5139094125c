/** FULL and RECONCILE list everything and find what is gone by its absence; INCREMENTAL reads changes and the archive. */
export type RunMode = 'FULL' | 'INCREMENTAL' | 'RECONCILE'
/** HELD: it would delete or change so much that somebody has to let it go on. */
export type RunState = 'QUEUED' | 'RUNNING' | 'HELD' | 'COMPLETED' | 'FAILED' | 'CANCELLED'

/** What somebody asked for goes before what the hub does by itself. */
export type RunPriority = 'ASKED' | 'BACKGROUND'

/** SYNC brings records over. PLAN only compares, and writes down what a sync would do. APPLY does what a plan says. */
export type RunPurpose = 'SYNC' | 'PLAN' | 'APPLY'

/** What a run would do so much of that it holds. */
export interface HoldReason {
  type: string
  action: 'DELETE' | 'UPDATE'
  /** Records that it would have deleted or changed by then. */
  records: number
  /** Records of this kind that the hub holds. */
  of: number
  /** What is done of it without anybody asked, at most. */
  percent: number
}

/** Why a run holds. */
export interface Hold {
  /** Of this holding: a run may hold again, for another reason. */
  id: string
  /** ISO 8601 */
  since: string
  reasons: HoldReason[]
}

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
  purpose: RunPurpose
  /** The plan that it makes, or does. */
  planId: string | null
  hold: Hold | null
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
  purpose: RunPurpose
  planId: string | null
  /** What somebody has let it do, however much it is. */
  allowed: readonly Pick<HoldReason, 'type' | 'action'>[]
  /** Goes up each time a worker takes the run: who holds an older one may no longer write. */
  token: number
  /** How often a worker has taken the run, this time included. */
  attempts: number
  startedAt: Date
}
