import type { Vault } from '#kernel/vault.ts'
import type { LeavingRules } from '../domain/may-leave.ts'
import type { CatalogPlace } from '../store/catalog.ts'
import { leavingRules } from '../store/emergency-addresses.ts'
import { sendsAddressesTo } from '../store/integrations.ts'
import { asTransaction, type Rows } from '../store/transaction.ts'

/** What may leave of some texts. */
export type RulesFor = (texts: readonly string[]) => Promise<LeavingRules>

/** Looks up what may leave for a portal, by how it is set when they leave. */
export const rulesFor =
  ({ database, vault }: { database: Rows; vault: Vault }, { orgId, integrationId }: CatalogPlace): RulesFor =>
  (texts) =>
    database.read(orgId, async (raw) => {
      const tx = asTransaction(raw)
      const sendsAddresses = await sendsAddressesTo(tx, { orgId, integrationId })
      return await leavingRules(tx, { orgId, vault, sendsAddresses }, texts)
    })
