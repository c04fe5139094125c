import { sql } from 'kysely'
import type { Decimal } from '#kernel/money.ts'
import { accountsByBan, type BillingAccountRow } from './accounts.ts'
import type { Transaction } from './transaction.ts'

type PaymentStatus = BillingAccountRow['paymentStatus']

/** Writes what accounts pay a month, where it is another amount than before: two statements. @returns those it changed, as they are now */
export const setMrr = async (
  tx: Transaction,
  orgId: string,
  amounts: readonly { ban: string; mrr: Decimal }[],
  at: Date,
): Promise<BillingAccountRow[]> => {
  const { rows } = await sql<{ ban: string }>`
    update telephony.billing_accounts a set mrr = m.mrr, version = a.version + 1, updated_at = ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(amounts)}::jsonb) as m(ban text, mrr numeric(16, 4))
    where a.org_id = ${orgId} and a.ban = m.ban and a.mrr <> m.mrr returning a.ban`.execute(tx)
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
    where a.org_id = ${orgId} and a.ban = any(${bans}::text[]) and a.payment_status = ${from} returning a.ban`.execute(
    tx,
  )
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
