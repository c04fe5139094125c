import { sql } from 'kysely'
import type { Decimal } from '#kernel/money.ts'
import type { Transaction } from './transaction.ts'

/** What an account paid a month from a day on. */
export interface MrrPointRow {
  ban: string
  /** As `YYYY-MM-DD`. */
  day: string
  mrr: Decimal
  currency: string
  status: 'ACTIVE' | 'SUSPENDED' | 'CHURNED'
}

/**
 * What accounts paid from a day on: how it stood on that day, and each day after it on which it became something else, in their order.
 * One statement for all accounts.
 */
export const mrrSince = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  since: string,
): Promise<MrrPointRow[]> => {
  const { rows } = await sql<MrrPointRow>`
    select b.ban, d.day, d.mrr, d.currency, d.status from unnest(${bans}::text[]) as b(ban)
    join telephony.mrr_days d on d.org_id = ${orgId} and d.ban = b.ban and d.day >= coalesce(
      (select max(e.day) from telephony.mrr_days e where e.org_id = ${orgId} and e.ban = b.ban and e.day <= ${since}::date), ${since}::date)
    order by b.ban, d.day`.execute(tx)
  return rows
}
