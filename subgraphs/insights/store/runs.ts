import { sql } from 'kysely'
import { RUNS_KEPT_DAYS, type Run, type RunKind } from '../domain/runs.ts'
import type { Transaction } from './transaction.ts'

/** Notes a run, adds what was done to that of its hour, and forgets what is too old. One statement. */
export const noteRun = async (tx: Transaction, orgId: string, run: Run): Promise<void> => {
  await sql`
    with forgotten as (
      delete from insights.runs
      where org_id = ${orgId}::uuid and started_at < ${run.startedAt}::timestamptz - ${RUNS_KEPT_DAYS} * interval '1 day'
    )
    insert into insights.runs as r (org_id, run_id, kind, started_at, ended_at, outcome, customers, failures, worked_ms)
    values (${orgId}::uuid, ${run.id}::uuid, ${run.kind}, ${run.startedAt}, ${run.endedAt}, ${run.outcome}, ${run.customers},
      ${run.failures}, ${Math.round(run.workedMs)})
    on conflict (org_id, kind, started_at) where kind in ('JUDGE', 'ENRICH') do update set
      ended_at = greatest(r.ended_at, excluded.ended_at), customers = r.customers + excluded.customers,
      failures = r.failures + excluded.failures, worked_ms = r.worked_ms + excluded.worked_ms,
      outcome = case when r.customers + excluded.customers > 0 then 'DONE' else 'FAILED' end`.execute(tx)
}

/** Ends the judgings of all customers that are under way: the newest once nobody is left, those before it because it took their place. */
export const endRecomputes = async (tx: Transaction, orgId: string, at: Date): Promise<void> => {
  await sql`
    update insights.runs r set ended_at = ${at}::timestamptz, outcome = 'DONE'
    where r.org_id = ${orgId}::uuid and r.ended_at is null and (
      exists (select from insights.runs n where n.org_id = r.org_id and n.kind = r.kind and n.ended_at is null
        and (n.started_at, n.run_id) > (r.started_at, r.run_id))
      or not exists (
        select from insights.customers c where c.org_id = r.org_id and c.dirty_since is null and c.due_at <= r.started_at
        union all
        select from insights.customers c where c.org_id = r.org_id and c.dirty_since is not null and c.due_at <= r.started_at))`.execute(
    tx,
  )
}

/** A page of runs, the newest first. @param page.before only those before this place */
export const runsBefore = async (
  tx: Transaction,
  orgId: string,
  page: { kinds: readonly RunKind[] | null; before: { at: string; id: string } | null; limit: number },
): Promise<Run[]> => {
  const { kinds, before, limit } = page
  const { rows } = await sql<Omit<Run, 'workedMs'> & { workedMs: string }>`
    select run_id as id, kind, started_at as "startedAt", ended_at as "endedAt", outcome, customers, failures, worked_ms as "workedMs"
    from insights.runs
    where org_id = ${orgId}::uuid and (${kinds}::text[] is null or kind = any(${kinds}::text[]))
      and (${before === null} or (started_at, run_id) < (${before?.at ?? null}::timestamptz, ${before?.id ?? null}::uuid))
    order by started_at desc, run_id desc limit ${limit}`.execute(tx)
  return rows.map((row) => ({ ...row, workedMs: Number(row.workedMs) }))
}

/** Whether customers are judged in time. */
export interface InsightEngineRow {
  waiting: number
  waitingSince: Date | null
  due: number
  nextDueAt: Date | null
  lastJudgedAt: Date | null
}

/** How many customers wait to be judged, and when somebody last was: one statement, each part by an index. */
export const engineState = async (tx: Transaction, orgId: string, now: Date): Promise<InsightEngineRow> => {
  const { rows } = await sql<InsightEngineRow>`
    select
      (select count(*)::int from insights.customers where org_id = ${orgId}::uuid and dirty_since is not null) as waiting,
      (select min(dirty_since) from insights.customers where org_id = ${orgId}::uuid and dirty_since is not null) as "waitingSince",
      (select count(*)::int from insights.customers
        where org_id = ${orgId}::uuid and dirty_since is null and due_at <= ${now}) as due,
      (select min(due_at) from insights.customers
        where org_id = ${orgId}::uuid and dirty_since is null and due_at > ${now}) as "nextDueAt",
      (select max(ended_at) from insights.runs where org_id = ${orgId}::uuid and kind = 'JUDGE') as "lastJudgedAt"`.execute(
    tx,
  )
  return rows[0]!
}
