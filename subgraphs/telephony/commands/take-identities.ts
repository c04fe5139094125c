import type { LoggedEvent } from '#events/log.ts'
import { customersOfAccounts } from '#schema/events.ts'
import { assignCustomers } from '../store/accounts.ts'
import { asTransaction } from '../store/transaction.ts'

/** Remembers which customer each billing account belongs to, as customers says, in one statement. */
export const takeIdentities = (tx: object, orgId: string, events: readonly LoggedEvent[]): Promise<void> =>
  assignCustomers(asTransaction(tx), orgId, customersOfAccounts('WARP', events))
