import type { LeavingRules } from '../domain/may-leave.ts'
import { leavingRules } from '../store/emergency-addresses.ts'
import { asTransaction, type Rows } from '../store/transaction.ts'

/** What may leave of some texts. */
export type RulesFor = (texts: readonly string[]) => Promise<LeavingRules>

/** Looks up what may leave for a portal. */
export const rulesFor =
  (database: Rows, portal: { org_id: string; sends_addresses: boolean }): RulesFor =>
  (texts) =>
    database.read(portal.org_id, (tx) =>
      leavingRules(asTransaction(tx), portal.org_id, portal.sends_addresses, texts),
    )
