import type { ChangeRecords } from '../context.ts'
import { assetFields, hasAssetRecords, hasAssets } from '../domain/assets.ts'
import { identitiesOf } from '../store/identities.ts'
import { integrationsOf } from '../store/integrations.ts'
import { assetsOfAccounts } from '../store/timeline-told.ts'
import type { Transaction } from '../store/transaction.ts'
import type { NumberOf } from './write-assets.ts'
import { writeCompanyFields } from './write-company-fields.ts'

/**
 * Lets the companies of customers say which trunks and numbers they have, in portals that have no room for these as records of their
 * own. What a company says already is no change. The statements do not depend on how many they are, and there are two where every portal
 * has room.
 */
export const writeAssetFields = async (
  tx: Transaction,
  {
    orgId,
    changeRecords,
    numberOf,
    at,
  }: { orgId: string; changeRecords: ChangeRecords; numberOf: NumberOf; at: Date },
  customerIds: readonly string[],
): Promise<void> => {
  const portals = (await integrationsOf(tx, orgId)).filter((row) => hasAssets(row) && !hasAssetRecords(row))
  if (portals.length === 0 || customerIds.length === 0) return
  const accounts = await identitiesOf(tx, orgId, customerIds)
  const bansOf = (customerId: string) =>
    (accounts.get(customerId) ?? []).flatMap((one) => (one.system === 'WARP' ? [one.account_id] : []))
  const assets = Map.groupBy(
    await assetsOfAccounts(tx, orgId, customerIds.flatMap(bansOf)),
    ({ state }) => state.ban,
  )
  const listOf = (customerId: string) => {
    const own = bansOf(customerId).flatMap((ban) => assets.get(ban) ?? [])
    return {
      trunks: own.flatMap((each) => (each.subject === 'TRUNK' ? [each.state] : [])),
      numbers: own.flatMap((each) => {
        if (each.subject !== 'NUMBER') return []
        const { sealed } = each.state
        return [sealed === null ? null : (numberOf(orgId, each.id, sealed)?.number ?? null)]
      }),
    }
  }
  const fields = new Map(customerIds.map((id) => [id, assetFields(listOf(id))]))
  for (const { id } of portals)
    await writeCompanyFields(tx, changeRecords, { orgId, integrationId: id, fields, at })
}
