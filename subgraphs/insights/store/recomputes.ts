import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** All customers of an organisation being judged anew, and how far that is. */
export interface InsightsRecomputeRow {
  requestedAt: Date
  reason: 'ASKED' | 'SETTINGS' | 'LEARNED'
  total: number
  done: number
}

/**
 * Makes all customers due, so that each is judged anew once those are whose facts have changed. One statement; the caller holds the
 * grouping, so that nobody adds a customer meanwhile.
 */
export const makeAllDue = async (
  tx: Transaction,
  orgId: string,
  reason: InsightsRecomputeRow['reason'],
  at: Date,
): Promise<InsightsRecomputeRow> => {
  const { rows } = await sql<{ total: number }>`
    with due as (
      update insights.customers set due_at = ${at}::timestamptz where org_id = ${orgId}::uuid returning 1
    )
    insert into insights.recomputes (org_id, requested_at, reason, total)
    select ${orgId}::uuid, ${at}::timestamptz, ${reason}::text, count(*)::int from due
    on conflict (org_id) do update set
      requested_at = excluded.requested_at, reason = excluded.reason, total = excluded.total
    returning total`.execute(tx)
  return { requestedAt: at, reason, total: rows[0]!.total, done: 0 }
}

/** How far the last one is; null when there was none. One statement, with an index each for those whose facts have changed and the others. */
export const lastRecompute = async (tx: Transaction, orgId: string): Promise<InsightsRecomputeRow | null> => {
  const { rows } = await sql<InsightsRecomputeRow & { left: number }>`
    select r.requested_at as "requestedAt", r.reason, r.total,
      (select count(*)::int from insights.customers c
        where c.org_id = r.org_id and c.dirty_since is null and c.due_at <= r.requested_at)
      + (select count(*)::int from insights.customers c
        where c.org_id = r.org_id and c.dirty_since is not null and c.due_at <= r.requested_at) as left
    from insights.recomputes r where r.org_id = ${orgId}::uuid`.execute(tx)
  const [row] = rows
  if (!row) return null
  const { left, ...recompute } = row
  // Time may have made others due by then as well.
  return { ...recompute, done: Math.max(0, row.total - left) }
}
