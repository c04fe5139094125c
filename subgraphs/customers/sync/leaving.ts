import type { Vault } from '#kernel/vault.ts'
import type { LeavingRules } from '../domain/may-leave.ts'
import { leavingRules } from '../store/emergency-addresses.ts'
import { asTransaction, type Rows } from '../store/transaction.ts'

/** What may leave of some texts. */
export type RulesFor = (texts: readonly string[]) => Promise<LeavingRules>

/** Looks up what may leave for a portal. */
export const rulesFor =
  (
    { database, vault }: { database: Rows; vault: Vault },
    { org_id: orgId, sends_addresses: sendsAddresses }: { org_id: string; sends_addresses: boolean },
  ): RulesFor =>
  (texts) =>
    database.read(orgId, (tx) => leavingRules(asTransaction(tx), { orgId, vault, sendsAddresses }, texts))
