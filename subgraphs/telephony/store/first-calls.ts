import { sql } from 'kysely'
import type { FirstCall } from '../domain/first-call.ts'
import type { Transaction } from './transaction.ts'

export interface KeptFirstCall extends FirstCall {
  observedAt: Date
}

/** The first calls of these accounts, by account: one statement for all. */
export const firstCallsOf = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<KeptFirstCall[]> =>
  tx
    .selectFrom('telephony.first_calls')
    .select(['ban', 'trunk_id as trunkId', 'called_at as calledAt', 'observed_at as observedAt'])
    .where('org_id', '=', orgId)
    .where('ban', '=', sql<string>`any(${bans}::text[])`)
    .orderBy('ban')
    .execute()
