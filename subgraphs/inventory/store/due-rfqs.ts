import { sql } from 'kysely'
import { type RfqRow, rfqColumns } from './rfqs.ts'
import type { Transaction } from './transaction.ts'

/** A request whose date has passed. */
export type DueRfqRow = RfqRow & { dueDate: Date }

/**
 * Requests of a connection whose date has passed since the hub met them, and that have not expired for that date before, soonest first:
 * open ones by when an answer was wanted, quoted ones by when their prices hold no longer.
 */
export const dueRfqs = async (
  tx: Transaction,
  orgId: string,
  { connectionId, at, limit }: { connectionId: string; at: Date; limit: number },
): Promise<DueRfqRow[]> => {
  const isNews = (date: ReturnType<typeof sql>) =>
    sql`${date} <= ${at}::timestamptz and ${date} > coalesce(known_at, ${at}::timestamptz)
      and expired_for is distinct from ${date}`
  const own = sql`rfqs.org_id = ${orgId} and connection_id = ${connectionId}::uuid and deleted_at is null`
  const { rows } = await sql<DueRfqRow>`
    select * from (
      select ${rfqColumns}, due_at as "dueDate" from inventory.rfqs
      where ${own} and status = 'OPEN' and ${isNews(sql`due_at`)}
      union all
      select ${rfqColumns}, valid_until as "dueDate" from inventory.rfqs
      join inventory.quotes on quotes.org_id = rfqs.org_id and quotes.rfq_id = rfqs.id and quotes.outcome = 'OPEN'
      where ${own} and status = 'QUOTED' and ${isNews(sql`valid_until`)}
    ) due order by "dueDate", id limit ${limit}`.execute(tx)
  return rows
}

/** Notes for which date requests have expired: one statement. */
export const noteExpired = async (
  tx: Transaction,
  orgId: string,
  expired: readonly { id: string; dueDate: Date }[],
): Promise<void> => {
  if (expired.length === 0) return
  await sql`
    update inventory.rfqs set expired_for = e."dueDate"
    from jsonb_to_recordset(${JSON.stringify(expired)}::jsonb) as e("id" uuid, "dueDate" timestamptz)
    where rfqs.org_id = ${orgId} and rfqs.id = e."id"`.execute(tx)
}
