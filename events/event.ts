/**
 * How subgraphs tell each other what happened.
 *
 * event      a fact with the state after it: name, version, payload, and a key whose events stay in order
 * batch      the events one transaction left together, at most a few hundred: they follow each other in the log
 * outbox     batches without positions; they become visible with their transaction's commit
 * sequencer  gives committed batches their positions, one process at a time, and so moves them from the outbox to the log
 * log        all events of one database in one order; `pos` counts 1, 2, 3 … without gaps
 * feed       the log over HTTP, for siblings
 * consumer   a sibling that follows a feed and applies each event exactly once
 * stamp      what tells a position of this log from the same position of one that was put back to an earlier day
 * park       set an event that fails aside with everything later of its key, so that the rest proceeds
 */
export interface NewEvent {
  /** Such as `customers.company.changed`; the catalogue is `schema/events.ts`. */
  name: string
  version: number
  /** Events of one key arrive in the order of their commits. */
  key: string
  payload: unknown
}

/** An event as the log keeps it. Shared between its readers: nobody may change it. */
export interface LoggedEvent {
  readonly pos: number
  readonly orgId: string
  readonly key: string
  readonly name: string
  readonly version: number
  readonly payload: unknown
  readonly occurredAt: Date
  /** What its position bears in this log and in no other: see `Place`. Absent in a snapshot. */
  readonly stamp?: string | undefined
  /** The trace of the request that led to it, as W3C Trace Context writes it. */
  readonly trace?: string | undefined
}

/** A row of a table that keeps events, as `columnsOfEvent` selects it. */
export interface EventRow {
  pos: number
  org_id: string
  key: string
  name: string
  version: number
  payload: unknown
  occurred_at: Date
  stamp: string
  trace?: string | null
}

export const fromRow = (row: EventRow): LoggedEvent => ({
  pos: row.pos,
  orgId: row.org_id,
  key: row.key,
  name: row.name,
  version: row.version,
  payload: row.payload,
  occurredAt: row.occurred_at,
  stamp: row.stamp,
  ...(row.trace ? { trace: row.trace } : {}),
})

/** What this floor needs of a database, whatever its other tables are. Every `Database<DB>` fits. */
export interface EventDatabase {
  read<T>(orgId: string, run: (tx: object) => Promise<T>): Promise<T>
  transaction<T>(
    orgId: string,
    run: (tx: object) => Promise<T>,
    options?: { isolation?: 'read committed' | 'repeatable read' | 'serializable' },
  ): Promise<T>
  relay<T>(run: (tx: object) => Promise<T>): Promise<T>
  listen(channel: string, wake: () => void): AsyncDisposable
  readonly refusesChanges: boolean
}
