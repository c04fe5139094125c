/** One run of a sync, as the graph shows it. */
export interface SyncRunRow {
  id: string
  system: 'HUBSPOT' | 'C3'
  integrationId: string
  mode: 'FULL' | 'INCREMENTAL' | 'RECONCILE'
  state: 'QUEUED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED'
  done: number
  total: number | null
  created: number
  updated: number
  skipped: number
  deleted: number
  failed: number
  conflicts: number
  apiCalls: number
  priority: 'ASKED' | 'BACKGROUND'
  /** How often a worker has taken it. */
  attempts: number
  /** Records per second. */
  rate: number
  eta: Date | null
  requestedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  error: string | null
  types: { type: string; done: number; total: number | null; complete: boolean }[]
}

type Told = Omit<SyncRunRow, 'priority' | 'attempts' | 'eta' | 'requestedAt' | 'startedAt' | 'finishedAt'> & {
  /** Absent in what older code told. */
  priority?: SyncRunRow['priority'] | undefined
  attempts?: number | undefined
  eta: string | null
  requestedAt: string
  startedAt: string | null
  finishedAt: string | null
}

const moment = (text: string | null): Date | null => (text === null ? null : new Date(text))

/** A run as an event tells of it. */
export const runFromEvent = (told: Told): SyncRunRow => ({
  ...told,
  priority: told.priority ?? 'ASKED',
  attempts: told.attempts ?? 0,
  eta: moment(told.eta),
  requestedAt: new Date(told.requestedAt),
  startedAt: moment(told.startedAt),
  finishedAt: moment(told.finishedAt),
})

/** The last state of each thing: events carry states, so of several about one thing only the last counts. */
export const lastOf = <T>(states: readonly T[], idOf: (state: T) => string): T[] => [
  ...new Map(states.map((state) => [idOf(state), state])).values(),
]
