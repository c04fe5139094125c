import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import type { Explained } from './failure.ts'

/** What was done, with one record or with one type of a run. */
export interface SyncLog {
  id: string
  at: Date
  connectionId: string
  runId: string | null
  type: string
  externalId: string | null
  direction: 'IN' | 'OUT'
  operation: Operation
  status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
  code: string | null
  reason: string | null
  guidance: string | null
  records: number
  created: number
  updated: number
  deleted: number
  failed: number
  startedAt: Date | null
  durationMs: number
  enrichments: unknown[]
}

/** FULL, INCREMENTAL, RECONCILE, PLAN and APPLY tell of a run's whole type; the others of one record. */
export type Operation =
  | 'FULL'
  | 'INCREMENTAL'
  | 'RECONCILE'
  | 'PLAN'
  | 'APPLY'
  | 'CREATE'
  | 'UPDATE'
  | 'RESTORE'
  | 'DELETE'
  | 'STORE'

/** What became of one record. */
export interface RecordLog {
  externalId: string
  operation: Exclude<Operation, 'FULL' | 'INCREMENTAL' | 'RECONCILE' | 'PLAN' | 'APPLY'>
  /** Why it failed; undefined when it did not. */
  failure?: Explained | undefined
}

/** Writes down what became of single records: one statement. */
export const logRecords = async (
  tx: object,
  place: { orgId: string; connectionId: string; type: string; direction?: SyncLog['direction'] },
  logs: readonly RecordLog[],
  around: { runId: string | undefined; clock: Clock; startedAt: Date },
): Promise<void> => {
  if (logs.length === 0) return
  const { runId, clock, startedAt } = around
  const at = clock.now()
  const rows = logs.map(({ externalId, operation, failure }) => ({
    id: newId(clock),
    external_id: externalId,
    operation,
    status: failure ? 'FAILED' : 'SUCCEEDED',
    code: failure?.code,
    reason: failure?.reason,
    guidance: failure?.guidance,
  }))
  await sql`
    insert into sync.logs (org_id, id, at, connection_id, run_id, type, external_id, direction, operation, status, code, reason, guidance,
      started_at, duration_ms, created, updated, deleted, failed)
    select ${place.orgId}::uuid, r.id, ${at}::timestamptz, ${place.connectionId}::uuid, ${runId ?? null}::uuid, ${place.type},
      r.external_id, ${place.direction ?? 'IN'}, r.operation, r.status, r.code, r.reason, r.guidance, ${startedAt}::timestamptz,
      ${Math.max(0, at.getTime() - startedAt.getTime())}::integer, (r.operation = 'CREATE')::integer,
      (r.operation in ('UPDATE', 'RESTORE'))::integer, (r.operation = 'DELETE')::integer, (r.status = 'FAILED')::integer
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(id uuid, external_id text, operation text, status text, code text,
      reason text, guidance text)`.execute(over(tx))
}

/** Writes down what a run did with each type, as its checkpoints tell: one statement. A type is failed where records of it failed. */
export const logRun = async (
  tx: object,
  runId: string,
  end: {
    at: Date
    state: 'COMPLETED' | 'FAILED' | 'CANCELLED'
    failure: Explained | undefined
  },
): Promise<void> => {
  const { code = null, reason = null, guidance = null } = end.failure ?? {}
  const isHurt = sql`(c.failed > 0 or not c.complete)`
  await sql`
    insert into sync.logs (org_id, id, at, connection_id, run_id, type, operation, status, code, reason, guidance, records, created,
      updated, deleted, failed, started_at, duration_ms)
    select r.org_id, gen_random_uuid(), ${end.at}::timestamptz, r.connection_id, r.id, c.type,
      case when r.purpose = 'SYNC' then r.mode else r.purpose end,
      case when ${end.state} = 'CANCELLED' and not c.complete then 'CANCELLED'
        when ${isHurt} then 'FAILED' else 'SUCCEEDED' end,
      case when ${isHurt} then ${code} end, case when ${isHurt} then ${reason} end, case when ${isHurt} then ${guidance} end,
      c.done, c.created, c.updated, c.deleted, c.failed, r.started_at,
      greatest(0, extract(epoch from ${end.at}::timestamptz - coalesce(r.started_at, ${end.at}::timestamptz)) * 1000)::integer
    from sync.runs r join sync.checkpoints c on c.run_id = r.id where r.id = ${runId}::uuid`.execute(over(tx))
}

/** A page of a list that is ordered by a moment and an id. */
export interface ListPage {
  limit: number
  /** Moment and id of the last one of the page before. */
  after: readonly (string | number | null)[] | null
}

/** Which logs are meant; what is left out does not narrow. */
export interface LogFilter {
  connectionId?: string | undefined
  status?: SyncLog['status'] | undefined
  type?: string | undefined
  runId?: string | undefined
  externalId?: string | undefined
  /** Only those of single records, or only those of a run's whole type. */
  single?: boolean | undefined
}

/** Logs, newest first. */
export const listLogs = async (
  tx: object,
  orgId: string,
  filter: LogFilter,
  { limit, after }: ListPage,
): Promise<SyncLog[]> => {
  const { connectionId, status, type, runId, externalId, single } = filter
  const { rows } = await sql<SyncLog>`
    select id, at, connection_id as "connectionId", run_id as "runId", type, external_id as "externalId", direction, operation, status,
      code, reason, guidance, records, created, updated, deleted, failed, started_at as "startedAt", duration_ms as "durationMs", enrichments
    from sync.logs where org_id = ${orgId}::uuid ${connectionId ? sql`and connection_id = ${connectionId}::uuid` : sql``}
      ${status ? sql`and status = ${sql.lit(status)}` : sql``} ${type ? sql`and type = ${type}` : sql``}
      ${runId ? sql`and run_id = ${runId}::uuid` : sql``} ${externalId ? sql`and external_id = ${externalId}` : sql``}
      ${single === undefined ? sql`` : single ? sql`and external_id is not null` : sql`and external_id is null`}
      ${after ? sql`and (at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``}
    order by at desc, id desc limit ${limit}`.execute(over(tx))
  return rows
}
