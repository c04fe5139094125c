/** run  something done for all customers of an organisation; of what goes on all the time, what was done of it within an hour */

export const RUN_KINDS = [
  ...(['JUDGE', 'RECOMPUTE', 'ENRICH', 'LEARN_BUYING', 'LEARN_CHURN', 'KEEP_CHURN', 'LEARN_TRUST'] as const),
] as const
export type RunKind = (typeof RUN_KINDS)[number]
/** What goes on all the time. */
export type SteadyKind = 'JUDGE' | 'ENRICH'

export type RunOutcome = 'RUNNING' | 'DONE' | 'FAILED'

export interface Run {
  id: string
  kind: RunKind
  startedAt: Date
  endedAt: Date | null
  outcome: RunOutcome
  /** Null where customers are not counted. */
  customers: number | null
  failures: number
  workedMs: number
}

export const RUNS_KEPT_DAYS = 90

const HOUR = 3_600_000
/** The beginning of the hour that a moment is in. */
export const hourOf = (at: Date): Date => new Date(Math.floor(at.getTime() / HOUR) * HOUR)
