import { monthSpend } from '../store/spend.ts'
import type { Transaction } from '../store/transaction.ts'

/** What an account has spent since its month began. */
export interface Spend {
  amount: string
  currency: string
}

/** What each of these accounts has spent in the month of a moment: one statement. Those without a rate plan are absent. */
export const spendOf = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  at: Date,
): Promise<ReadonlyMap<string, Spend>> =>
  new Map(
    [...(await monthSpend(tx, orgId, bans, at))].flatMap(([ban, { spend, currency }]) =>
      spend === null || currency === null ? [] : [[ban, { amount: spend, currency }]],
    ),
  )
