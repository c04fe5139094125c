import { sql } from 'kysely'
import { over, type Tx } from '#db/client.ts'
import type { Clock } from '#kernel/clock.ts'
import type { RunProgress } from './run.ts'
import type { SyncTables } from './tables.ts'

const tables = (tx: object): Tx<SyncTables> => over<SyncTables>(tx)

/** A run with its counts, summed over its types. Undefined when the transaction's organisation has no such run. */
export const progressOf = async (
  tx: object,
  runId: string,
  clock: Clock,
): Promise<RunProgress | undefined> => {
  const rows = await tables(tx)
    .selectFrom('sync.runs as r')
    .leftJoin('sync.checkpoints as c', 'c.run_id', 'r.id')
    .select([
      'r.id',
      'r.org_id',
      'r.connection_id',
      'r.mode',
      'r.state',
      'r.priority',
      'r.purpose',
      'r.plan_id',
      'r.hold',
      'r.attempts',
      'r.requested_at',
      'r.started_at',
      'r.finished_at',
      'r.error',
      'c.type',
      'c.total',
      'c.complete',
      'c.done',
      'c.created',
      'c.updated',
      'c.skipped',
      'c.deleted',
      'c.failed',
      'c.conflicts',
      'c.api_calls',
    ])
    .where('r.id', '=', sql<string>`${runId}::uuid`)
    .orderBy('c.type')
    .execute()
  const run = rows[0]
  if (!run) return undefined
  const types = rows.filter((row) => row.type !== null)
  const sum = (
    counter: 'done' | 'created' | 'updated' | 'skipped' | 'deleted' | 'failed' | 'conflicts' | 'api_calls',
  ) => types.reduce((total, row) => total + (row[counter] ?? 0), 0)
  const done = sum('done')
  const known = types.length > 0 && types.every((row) => row.total !== null || row.complete)
  const total = known ? types.reduce((all, row) => all + totalOf(row), 0) : null
  const now = clock.now().getTime()
  const elapsedSeconds = run.started_at
    ? Math.max(0.001, ((run.finished_at?.getTime() ?? now) - run.started_at.getTime()) / 1000)
    : 0
  const rate = elapsedSeconds > 0 ? Math.round((done / elapsedSeconds) * 10) / 10 : 0
  const left = total === null ? null : Math.max(0, total - done)
  return {
    id: run.id,
    orgId: run.org_id,
    connectionId: run.connection_id,
    mode: run.mode,
    state: run.state,
    priority: run.priority,
    purpose: run.purpose,
    planId: run.plan_id,
    hold: run.state === 'HELD' ? run.hold : null,
    attempts: run.attempts,
    done,
    total,
    created: sum('created'),
    updated: sum('updated'),
    skipped: sum('skipped'),
    deleted: sum('deleted'),
    failed: sum('failed'),
    conflicts: sum('conflicts'),
    apiCalls: sum('api_calls'),
    rate,
    eta: left !== null && rate > 0 && !run.finished_at ? new Date(now + (left / rate) * 1000) : null,
    requestedAt: run.requested_at,
    startedAt: run.started_at,
    finishedAt: run.finished_at,
    error: run.error,
    types: types.map((row) => ({
      type: row.type ?? '',
      done: row.done ?? 0,
      total: row.complete ? totalOf(row) : row.total,
      complete: row.complete ?? false,
    })),
  }
}

// Records come and go while a run reads: what is complete is as large as it turned out to be.
const totalOf = (row: { complete: boolean | null; done: number | null; total: number | null }): number =>
  row.complete ? (row.done ?? 0) : Math.max(row.total ?? 0, row.done ?? 0)
