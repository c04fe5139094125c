import type { LoggedEvent } from '#events/log.ts'
import { readEvent } from '#schema/events.ts'
import { assignCustomers } from '../store/accounts.ts'
import { asTransaction } from '../store/transaction.ts'

/** Remembers which customer each billing account belongs to, as customers says, in one statement. */
export const takeIdentities = async (
  tx: object,
  orgId: string,
  events: readonly LoggedEvent[],
): Promise<void> => {
  const told = events.map((e) => readEvent('customers.identity.changed', e.version, e.payload))
  const assigned = told.flatMap(({ customerId, identityVersion, accounts }) =>
    accounts
      .filter((account) => account.system === 'WARP')
      .map((account) => ({ ban: account.accountId, customerId, identityVersion })),
  )
  // The batch is in order: the last word about an account is the one that holds.
  const last = new Map(assigned.map((entry) => [entry.ban, entry]))
  await assignCustomers(asTransaction(tx), orgId, [...last.values()])
}
