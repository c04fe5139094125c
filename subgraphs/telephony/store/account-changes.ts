import { sql } from 'kysely'
import type { Decimal } from '#kernel/money.ts'
import { accountsByBan, type BillingAccountRow } from './accounts.ts'
import type { Transaction } from './transaction.ts'

type PaymentStatus = BillingAccountRow['paymentStatus']

/**
 * Writes what accounts pay a month, where it is another amount than before: two statements. They are held in the order of their numbers,
 * as everybody does who holds several: nobody waits in a circle.
 * @returns those it changed, as they are now
 */
export const setMrr = async (
  tx: Transaction,
  orgId: string,
  amounts: readonly { ban: string; mrr: Decimal }[],
  at: Date,
): Promise<BillingAccountRow[]> => {
  const { rows } = await sql<{ ban: string }>`
    update telephony.billing_accounts a set mrr = held.amount, version = a.version + 1, updated_at = ${at}::timestamptz
    from (
      select b.ban, m.mrr as amount from telephony.billing_accounts b
      join jsonb_to_recordset(${JSON.stringify(amounts)}::jsonb) as m(ban text, mrr numeric(16, 4)) on m.ban = b.ban
      where b.org_id = ${orgId} and b.mrr <> m.mrr order by b.ban for update of b
    ) held
    where a.org_id = ${orgId} and a.ban = held.ban returning a.ban`.execute(tx)
  return changed(tx, orgId, rows)
}

/** Writes that accounts pay, or do not, where it stood as `from`: two statements. @returns those it changed, as they are now */
export const setPaymentStatus = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  { from, to, at }: { from: PaymentStatus; to: PaymentStatus; at: Date },
): Promise<BillingAccountRow[]> => {
  const { rows } = await sql<{ ban: string }>`
    update telephony.billing_accounts a set payment_status = ${to}, version = a.version + 1, updated_at = ${at}::timestamptz
    from (
      select b.ban from telephony.billing_accounts b
      where b.org_id = ${orgId} and b.ban = any(${bans}::text[]) and b.payment_status = ${from} order by b.ban for update
    ) held
    where a.org_id = ${orgId} and a.ban = held.ban returning a.ban`.execute(tx)
  return changed(tx, orgId, rows)
}

const changed = async (tx: Transaction, orgId: string, rows: readonly { ban: string }[]) =>
  rows.length === 0
    ? []
    : await accountsByBan(
        tx,
        orgId,
        rows.map(({ ban }) => ban),
      )
