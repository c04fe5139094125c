import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { HeldRun, RunState } from './run.ts'
import type { Changed } from './step.ts'

/** How a record differed. MISSING: only the source had it · DIFFERENT: both had it · EXTRA: only the hub had it. */
export type DriftKind = 'MISSING' | 'DIFFERENT' | 'EXTRA'

/** A record that a reconciliation repaired. */
export interface Repair {
  type: string
  externalId: string
  kind: DriftKind
  /** Names of the fields that differed. */
  fields: string[]
  /** Whether earlier readings should have brought it; null when the source does not say when it changed. */
  overlooked: boolean | null
  at: Date
}

/** What a reconciliation found of one kind of record. */
export interface TypeDrift {
  type: string
  looked: number
  missing: number
  different: number
  extra: number
  overlooked: number
  failed: number
  /** Ids of a few of them. */
  samples: string[]
}

/** What a reconciliation found in all. */
export interface DriftReport {
  /** The run's id. */
  id: string
  connectionId: string
  state: RunState
  requestedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  types: TypeDrift[]
}

const kinds = { CREATE: 'MISSING', UPDATE: 'DIFFERENT', RESTORE: 'MISSING', DELETE: 'EXTRA' } as const
const SAMPLES = 5

/**
 * Keeps what a page of a reconciliation repaired: one statement.
 * @param reached up to when, by the source's clock, earlier readings had brought everything
 */
export const keepDrift = async (
  tx: object,
  run: HeldRun,
  type: string,
  changed: readonly Changed[],
  { reached, at }: { reached: Date | undefined; at: Date },
): Promise<void> => {
  if (changed.length === 0) return
  const rows = changed.map((each) => ({
    external_id: each.externalId,
    kind: kinds[each.operation],
    fields: each.fields ?? [],
    overlooked: each.modifiedAt && reached ? each.modifiedAt <= reached : null,
  }))
  await sql`
    insert into sync.drift (org_id, run_id, connection_id, type, external_id, kind, fields, overlooked, at)
    select ${run.orgId}::uuid, ${run.id}::uuid, ${run.connectionId}::uuid, ${type}, r.external_id, r.kind,
      array(select json_array_elements_text(r.fields)), r.overlooked, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(external_id text, kind text, fields json, overlooked boolean)
    on conflict (org_id, run_id, type, external_id) do nothing`.execute(over(tx))
}

interface ReportRow extends Omit<DriftReport, 'types'> {
  types: TypeDrift[]
}

/** What reconciliations found, newest first, of one connection or all: one statement. */
export const listDriftReports = async (
  tx: object,
  orgId: string,
  { connectionId }: { connectionId?: string | undefined },
  { limit, after }: { limit: number; after: readonly (string | number | null)[] | null },
): Promise<DriftReport[]> => {
  const { rows } = await sql<ReportRow>`
    with runs as (
      select id, connection_id, state, requested_at, started_at, finished_at from sync.runs
      where org_id = ${orgId}::uuid and mode = 'RECONCILE' ${connectionId ? sql`and connection_id = ${connectionId}::uuid` : sql``}
        ${after ? sql`and (requested_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``}
      order by requested_at desc, id desc limit ${limit})
    select r.id, r.connection_id as "connectionId", r.state, r.requested_at as "requestedAt", r.started_at as "startedAt",
      r.finished_at as "finishedAt", coalesce(t.types, '[]') as types
    from runs r cross join lateral (
      select json_agg(json_build_object('type', c.type, 'looked', c.done, 'failed', c.failed, 'missing', d.missing,
        'different', d.different, 'extra', d.extra, 'overlooked', d.overlooked, 'samples', d.samples) order by c.type) as types
      from sync.checkpoints c cross join lateral (
        select count(*) filter (where kind = 'MISSING') as missing, count(*) filter (where kind = 'DIFFERENT') as different,
          count(*) filter (where kind = 'EXTRA') as extra, count(*) filter (where overlooked) as overlooked,
          coalesce((array_agg(external_id order by external_id))[1:${sql.lit(SAMPLES)}], '{}') as samples
        from sync.drift d where d.org_id = ${orgId}::uuid and d.run_id = r.id and d.type = c.type) d
      where c.run_id = r.id) t
    order by r.requested_at desc, r.id desc`.execute(over(tx))
  return rows
}

/** Which repairs are meant, and which page of them. */
export interface RepairPage {
  type: string | null
  kind: DriftKind | null
  limit: number
  /** Type and id of the last one of the page before. */
  after: readonly (string | number | null)[] | null
}

/** The records that reconciliations repaired, by type and id, for several runs at once: one statement. */
export const repairsOf = async (
  tx: object,
  orgId: string,
  runIds: readonly string[],
  { type, kind, limit, after }: RepairPage,
): Promise<Map<string, Repair[]>> => {
  const { rows } = await sql<Repair & { runId: string }>`
    select r.id as "runId", d.* from unnest(${runIds}::uuid[]) as r(id) cross join lateral (
      select type, external_id as "externalId", kind, fields, overlooked, at from sync.drift
      where org_id = ${orgId}::uuid and run_id = r.id ${type ? sql`and type = ${type}` : sql``} ${kind ? sql`and kind = ${kind}` : sql``}
        ${after ? sql`and (type, external_id) > (${after[0]}, ${after[1]})` : sql``}
      order by type, external_id limit ${limit}) d order by r.id, d.type, d."externalId"`.execute(over(tx))
  return Map.groupBy(rows, (row) => row.runId)
}
