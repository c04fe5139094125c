import type { Transaction } from '../store/transaction.ts'

/** What an account has spent since its month began. */
export interface Spend {
  amount: string
  currency: string
}

/** What each of these accounts has spent in the month of a moment. Those without a rate plan are absent. */
export const spendOf = async (
  _tx: Transaction,
  _orgId: string,
  _bans: readonly string[],
  _at: Date,
): Promise<ReadonlyMap<string, Spend>> => new Map()
