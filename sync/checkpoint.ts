import { sql } from 'kysely'
import { over, type Tx } from '#db/client.ts'
import { LeaseLost, RunCancelled } from './errors.ts'
import type { Counts, HeldRun } from './run.ts'
import type { SyncTables } from './tables.ts'

/**
 * Where a run stands with one type. Listing: `list` → `missing` (live links that the listing did not meet).
 * Changes: `changes` → `archive` → `returned` (archived records that the archive no longer holds). Either may end with `leaving`:
 * what was found gone goes. Doing what a plan says: `check` → `do`.
 */
export type Phase = 'list' | 'missing' | 'changes' | 'archive' | 'returned' | 'leaving' | 'check' | 'do'

export interface Checkpoint {
  type: string
  phase: Phase
  cursor: string | undefined
  complete: boolean
  watermark: Date | undefined
  total: number | undefined
}

const tables = (tx: object): Tx<SyncTables> => over<SyncTables>(tx)

/** No worker that is alive lets a page wait for so long between two statements. As text, since settings are. */
const STALLED_MS = '5000'

/** Records of one connection and type, written by one transaction at a time: runs and readers of signals meet here. */
export interface Turn {
  connectionId: string
  type: string
}

/** Waits until nobody else writes records of this connection and type: a term of a `select` that is a statement of its own. */
export const takeTurn = ({ connectionId, type }: Turn) =>
  sql`pg_advisory_xact_lock(hashtextextended(${`sync.turn ${connectionId} ${type}`}, 0))`

/** The same, as a statement of its own, for whoever changes records outside a run. */
export const takeTurnOf = async (tx: object, turn: Turn): Promise<void> => {
  await sql`select ${takeTurn(turn)}`.execute(over(tx))
}

/**
 * Makes sure, until the transaction ends, that the run is still this worker's. First statement of every transaction of a run.
 * A page's rows and its checkpoint are one commit, so losing the last commits in a crash of PostgreSQL only means reading them again:
 * they need not wait for the disk. A worker that is stopped in the middle of a page would keep the run from everybody: PostgreSQL
 * ends its transaction for it.
 * @param type of the records that the transaction writes
 * @throws HUB_LEASE_LOST, HUB_RUN_CANCELLED
 */
export const holdRun = async (tx: object, run: HeldRun, type?: string): Promise<void> => {
  const { rows } = await sql<{ cancel_requested: boolean }>`
    select cancel_requested, set_config('synchronous_commit', 'off', true),
      set_config('idle_in_transaction_session_timeout', ${STALLED_MS}, true)
      ${type ? sql`, ${takeTurn({ connectionId: run.connectionId, type })}` : sql``} from sync.runs
    where id = ${run.id}::uuid and token = ${run.token} and state = 'RUNNING' for key share`.execute(
    tables(tx),
  )
  if (!rows[0]) throw LeaseLost.with()
  if (rows[0].cancel_requested) throw RunCancelled.with()
}

/** The checkpoints of a run so far. */
export const readCheckpoints = async (tx: object, runId: string): Promise<Map<string, Checkpoint>> => {
  const rows = await tables(tx)
    .selectFrom('sync.checkpoints')
    .select(['type', 'phase', 'cursor', 'complete', 'watermark', 'total'])
    .where('run_id', '=', runId)
    .execute()
  return new Map(
    rows.map((row) => [
      row.type,
      {
        type: row.type,
        phase: row.phase as Phase,
        cursor: row.cursor ?? undefined,
        complete: row.complete,
        watermark: row.watermark ?? undefined,
        total: row.total ?? undefined,
      },
    ]),
  )
}

/** Writes where the run stands and adds what was done since: one statement. */
export const writeCheckpoint = async (
  tx: object,
  run: HeldRun,
  checkpoint: Checkpoint,
  counts: Counts,
): Promise<void> => {
  const { type, phase, cursor, complete, watermark, total } = checkpoint
  await sql`
    insert into sync.checkpoints as c (org_id, run_id, type, phase, cursor, complete, watermark, total,
      done, created, updated, skipped, deleted, failed, conflicts, api_calls)
    values (${run.orgId}::uuid, ${run.id}::uuid, ${type}, ${phase}, ${cursor ?? null}, ${complete}, ${watermark ?? null}, ${total ?? null},
      ${counts.done}, ${counts.created}, ${counts.updated}, ${counts.skipped}, ${counts.deleted}, ${counts.failed},
      ${counts.conflicts}, ${counts.apiCalls})
    on conflict (run_id, type) do update set
      phase = excluded.phase, cursor = excluded.cursor, complete = excluded.complete, watermark = excluded.watermark, total = excluded.total,
      done = c.done + excluded.done, created = c.created + excluded.created, updated = c.updated + excluded.updated,
      skipped = c.skipped + excluded.skipped, deleted = c.deleted + excluded.deleted, failed = c.failed + excluded.failed,
      conflicts = c.conflicts + excluded.conflicts, api_calls = c.api_calls + excluded.api_calls`.execute(
    tables(tx),
  )
}

/** From where the changes of each type are to be read. */
export const readWatermarks = async (tx: object, connectionId: string): Promise<Map<string, Date>> => {
  const rows = await tables(tx)
    .selectFrom('sync.watermarks')
    .select(['type', 'modified_at'])
    .where('connection_id', '=', connectionId)
    .execute()
  return new Map(rows.map((row) => [row.type, row.modified_at]))
}

/** The run is through: the next one reads changes from what this one has seen. A type that was left off half-way is begun anew. */
export const moveWatermarks = async (tx: object, run: HeldRun): Promise<void> => {
  await sql`
    insert into sync.watermarks as w (org_id, connection_id, type, modified_at, run_id)
    select org_id, ${run.connectionId}::uuid, type, watermark, run_id from sync.checkpoints
    where run_id = ${run.id}::uuid and watermark is not null and complete
    on conflict (org_id, connection_id, type) do update
      set modified_at = greatest(w.modified_at, excluded.modified_at), run_id = excluded.run_id`.execute(
    tables(tx),
  )
}
