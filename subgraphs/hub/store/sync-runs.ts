import { sql } from 'kysely'
import type { SyncRunRow } from '../domain/sync-run.ts'
import type { Transaction } from './transaction.ts'

/** Where a page starts: behind the run with this moment and id. */
export interface RunsPage {
  limit: number
  after: readonly [requestedAt: string, id: string] | null
}

const columns = sql`
  id, system, integration_id as "integrationId", mode, state, done, total, created, updated, skipped, deleted, failed,
  conflicts, api_calls as "apiCalls", priority, purpose, plan_id as "planId", hold, attempts, rate, eta, requested_at as "requestedAt", started_at as "startedAt",
  finished_at as "finishedAt", error, types`

const behind = (after: RunsPage['after']) =>
  after ? sql`and (requested_at, id) < (${after[0]}::timestamptz, ${after[1]})` : sql``

/** Runs with every system, newest first. */
export const syncRuns = async (tx: Transaction, orgId: string, page: RunsPage): Promise<SyncRunRow[]> => {
  const { rows } = await sql<SyncRunRow>`
    select ${columns} from hub.sync_runs
    where org_id = ${orgId} ${behind(page.after)}
    order by requested_at desc, id desc limit ${page.limit}`.execute(tx)
  return rows
}

/** The same page of runs for each of several connections, in one statement. */
export const syncRunsOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
  page: RunsPage,
): Promise<Map<string, SyncRunRow[]>> => {
  const { rows } = await sql<SyncRunRow>`
    select run.* from unnest(${integrationIds}::text[]) as asked (of)
    cross join lateral (
      select ${columns} from hub.sync_runs
      where org_id = ${orgId} and integration_id = asked.of ${behind(page.after)}
      order by requested_at desc, id desc limit ${page.limit}
    ) as run
    order by run."requestedAt" desc, run.id desc`.execute(tx)
  const pages = new Map<string, SyncRunRow[]>(integrationIds.map((id) => [id, []]))
  for (const run of rows) pages.get(run.integrationId)?.push(run)
  return pages
}

/** Writes the latest state of runs in one statement; each may be given once. */
export const upsertSyncRuns = async (
  tx: Transaction,
  orgId: string,
  runs: readonly SyncRunRow[],
): Promise<void> => {
  await sql`
    insert into hub.sync_runs (org_id, id, system, integration_id, mode, state, done, total, created, updated, skipped,
      deleted, failed, conflicts, api_calls, priority, purpose, plan_id, hold, attempts, rate, eta, requested_at, started_at, finished_at, error, types)
    select ${orgId}::uuid, id, system, "integrationId", mode, state, done, total, created, updated, skipped,
      deleted, failed, conflicts, "apiCalls", priority, purpose, "planId", hold, attempts, rate, eta, date_trunc('milliseconds', "requestedAt"), "startedAt",
      "finishedAt", error, types
    from jsonb_to_recordset(${JSON.stringify(runs)}::jsonb) as given (
      id text, system text, "integrationId" text, mode text, state text, done int, total int, created int, updated int,
      skipped int, deleted int, failed int, conflicts int, "apiCalls" int, priority text, purpose text, "planId" text, hold jsonb, attempts int, rate float8, eta timestamptz,
      "requestedAt" timestamptz, "startedAt" timestamptz, "finishedAt" timestamptz, error text, types jsonb)
    on conflict (org_id, id) do update set
      mode = excluded.mode, priority = excluded.priority, hold = excluded.hold, attempts = excluded.attempts, state = excluded.state, done = excluded.done, total = excluded.total,
      created = excluded.created, updated = excluded.updated, skipped = excluded.skipped, deleted = excluded.deleted,
      failed = excluded.failed, conflicts = excluded.conflicts, api_calls = excluded.api_calls, rate = excluded.rate,
      eta = excluded.eta, started_at = excluded.started_at, finished_at = excluded.finished_at,
      error = excluded.error, types = excluded.types`.execute(tx)
}
