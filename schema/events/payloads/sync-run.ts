/** One run of a sync, as events tell of it and as the graph shows it. */
import { z } from 'zod'
import { at, id } from './scalars.ts'

/** How far a run is, in an event. */
export const syncRun = z.object({
  id,
  system: z.enum(['HUBSPOT', 'C3']),
  integrationId: id,
  mode: z.enum(['FULL', 'INCREMENTAL', 'RECONCILE']),
  state: z.enum(['QUEUED', 'RUNNING', 'HELD', 'COMPLETED', 'FAILED', 'CANCELLED']),
  done: z.int(),
  total: z.int().nullable(),
  created: z.int(),
  updated: z.int(),
  skipped: z.int(),
  deleted: z.int(),
  failed: z.int(),
  conflicts: z.int(),
  apiCalls: z.int(),
  priority: z.enum(['ASKED', 'BACKGROUND']).optional(),
  /** SYNC brings records over, PLAN only compares, APPLY does what a plan says. */
  purpose: z.enum(['SYNC', 'PLAN', 'APPLY']).optional(),
  planId: id.nullable().optional(),
  /** Why it holds until somebody lets it go on. */
  hold: z
    .object({
      id,
      since: at,
      reasons: z.array(
        z.object({
          type: z.string(),
          action: z.enum(['DELETE', 'UPDATE']),
          records: z.int(),
          of: z.int(),
          percent: z.number(),
        }),
      ),
    })
    .nullable()
    .optional(),
  /** How often a worker has taken it. */
  attempts: z.int().optional(),
  /** Records per second since the run started. */
  rate: z.number(),
  eta: at.nullable(),
  requestedAt: at,
  startedAt: at.nullable(),
  finishedAt: at.nullable(),
  error: z.string().nullable(),
  types: z.array(
    z.object({ type: z.string(), done: z.int(), total: z.int().nullable(), complete: z.boolean() }),
  ),
})

type Told = z.infer<typeof syncRun>
/** What older code did not tell. */
type Younger = 'priority' | 'purpose' | 'planId' | 'hold' | 'attempts'
type Instants = 'eta' | 'requestedAt' | 'startedAt' | 'finishedAt'

/** A run as the graph shows it. */
export interface SyncRun extends Omit<Told, Instants | Younger> {
  priority: 'ASKED' | 'BACKGROUND'
  purpose: 'SYNC' | 'PLAN' | 'APPLY'
  planId: string | null
  hold: NonNullable<Told['hold']> | null
  attempts: number
  eta: Date | null
  requestedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

/** A run as the sync engine knows it: without the system's name, and the integration called a connection. */
export type EngineRun = Omit<SyncRun, 'system' | 'integrationId'> & { connectionId: string }

/** The engine's run as the graph shows it. */
export const shownRun = (run: EngineRun, system: SyncRun['system']): SyncRun => ({
  ...run,
  system,
  integrationId: run.connectionId,
})

/** The engine's run as an event tells of it. */
export const toldRun = (run: EngineRun, system: SyncRun['system']): Told => ({
  ...shownRun(run, system),
  eta: run.eta?.toISOString() ?? null,
  requestedAt: run.requestedAt.toISOString(),
  startedAt: run.startedAt?.toISOString() ?? null,
  finishedAt: run.finishedAt?.toISOString() ?? null,
})

const moment = (text: string | null): Date | null => (text === null ? null : new Date(text))

/** A run that an event tells of, as the graph shows it. */
export const runFromEvent = (told: Told): SyncRun => ({
  ...told,
  // Absent in what older code told.
  priority: told.priority ?? 'ASKED',
  purpose: told.purpose ?? 'SYNC',
  planId: told.planId ?? null,
  hold: told.hold ?? null,
  attempts: told.attempts ?? 0,
  eta: moment(told.eta),
  requestedAt: new Date(told.requestedAt),
  startedAt: moment(told.startedAt),
  finishedAt: moment(told.finishedAt),
})
