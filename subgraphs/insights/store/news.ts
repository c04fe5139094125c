import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** Where the scoring loops of all processes listen. */
export const SCORING_CHANNEL = 'insights_scoring'

/** Wakes the scoring loops with the commit, not before: they would find nothing and wait for their next look. */
export const callScoring = async (tx: Transaction): Promise<void> => {
  await sql`select pg_notify(${SCORING_CHANNEL}, '')`.execute(tx)
}
