import { sql } from 'kysely'
import { type Database, over } from '#db/client.ts'
import { type NewEvent, publish } from '#events/outbox.ts'
import { type Clock, sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { startRun } from './queue.ts'
import type { RunMode, RunProgress } from './run.ts'

export interface ScheduleOptions {
  database: Database<never>
  clock: Clock
  log: Log
  /** How long after the last run of a connection ended the next one is asked for. */
  everyMs: number
  /** How long after the last complete listing everything is listed again. Default a day. */
  reconcileEveryMs?: number
  /** Whether a connection takes part; asked in the transaction that would start its run. */
  mayRun(tx: object, orgId: string, connectionId: string): Promise<boolean>
  /** How often this connection is read, where that differs from `everyMs`, which no connection is read more often than. Null: only when asked. */
  everyMsOf?(tx: object, orgId: string, connectionId: string): Promise<number | null>
  /** How a new run is told to others. */
  progressed(run: RunProgress): NewEvent[]
}

const DAY_MS = 86_400_000
const LONGEST_NAP_MS = 15_000

interface Due {
  org_id: string
  connection_id: string
  mode: RunMode
}

/**
 * Asks for runs of every connection that has run before, when its time has come. Any number of processes may do so: a
 * connection has one run at a time, and what is due is looked at again in the transaction that starts the run.
 */
export const startSchedule = (options: ScheduleOptions): AsyncDisposable => {
  const { database, clock, log, everyMs } = options
  const stopping = new AbortController()
  const start = async ({ org_id: orgId, connection_id: connectionId, mode }: Due) =>
    await database.transaction(orgId, async (tx) => {
      if (!(await options.mayRun(tx, orgId, connectionId))) return
      const own = options.everyMsOf ? await options.everyMsOf(tx, orgId, connectionId) : everyMs
      if (own === null) return
      const lasting = { ...options, everyMs: Math.max(own, everyMs) }
      if ((await dueIn(tx, lasting, connectionId)).length === 0) return
      const { run, isNew } = await startRun(tx, { orgId, connectionId, mode, clock })
      if (isNew) await publish(tx, orgId, options.progressed(run), clock.now())
    })
  const loop = async () => {
    while (!stopping.signal.aborted) {
      try {
        for (const due of await database.relay((tx) => dueIn(tx, options))) await start(due)
      } catch (error) {
        log.warn({ err: error }, 'could not look for syncs that are due')
      }
      await sleep(Math.min(LONGEST_NAP_MS, everyMs / 4), stopping.signal)
    }
  }
  const looping = loop()
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      await looping
    },
  }
}

/** Connections without a run under way whose last one ended long enough ago, and what the next one should be. */
const dueIn = async (
  tx: object,
  { clock, everyMs, reconcileEveryMs = DAY_MS }: ScheduleOptions,
  connectionId?: string,
): Promise<Due[]> => {
  const now = clock.now().getTime()
  const { rows } = await sql<Due>`
    select org_id, connection_id,
      case when coalesce(max(finished_at) filter (where state = 'COMPLETED' and mode <> 'INCREMENTAL'), '-infinity')
        < ${new Date(now - reconcileEveryMs)}::timestamptz then 'RECONCILE' else 'INCREMENTAL' end as mode
    from sync.runs ${connectionId ? sql`where connection_id = ${connectionId}::uuid` : sql``}
    group by org_id, connection_id
    having bool_and(state not in ('QUEUED', 'RUNNING')) and max(finished_at) < ${new Date(now - everyMs)}::timestamptz`.execute(
    over(tx),
  )
  return rows
}
