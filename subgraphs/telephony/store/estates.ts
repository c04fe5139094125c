import { sql } from 'kysely'
import type { Estate } from '../domain/account-life.ts'
import { accountColumns, type BillingAccountRow } from './accounts.ts'
import { type TrunkRow, trunkColumns } from './assets.ts'
import type { Transaction } from './transaction.ts'

/** An account with its trunks, those that were taken down left out. */
export type EstateRows = Estate<BillingAccountRow, TrunkRow>

/**
 * From here on nobody else changes accounts and trunks of the organisation until the transaction ends: so no two find the same address
 * free, and whoever shares out an account's calls sees all its trunks. Take it before any row: then nobody waits in a circle.
 */
export const lockEstates = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('telephony.estates ' || ${orgId}, 0))`.execute(tx)
}

/** The accounts with these numbers and their trunks, in order and held until the transaction ends; two statements for all. */
export const estatesOf = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<EstateRows[]> => {
  if (bans.length === 0) return []
  // Numbers are given out by whoever holds the account's row.
  const { rows: accounts } = await sql<BillingAccountRow>`
    select ${accountColumns} from telephony.billing_accounts b
    where b.org_id = ${orgId} and b.ban = any(${bans}::text[]) order by b.ban for update`.execute(tx)
  const { rows: trunks } = await sql<TrunkRow>`
    select ${trunkColumns} from telephony.trunks t
    where t.org_id = ${orgId} and t.ban = any(${bans}::text[]) and t.status <> 'DELETED' order by t.ban, t.id`.execute(
    tx,
  )
  const byBan = Map.groupBy(trunks, ({ ban }) => ban)
  return accounts.map((account) => ({ account, trunks: byBan.get(account.ban) ?? [] }))
}
