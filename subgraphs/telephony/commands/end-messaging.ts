import { publish } from '#events/outbox.ts'
import { auditAll } from '#service/audit.ts'
import { isBrandInUse, isRunning } from '../domain/messaging.ts'
import { brandChanged, campaignChanged } from '../domain/telling-registrations.ts'
import { endMessaging, messagingOf } from '../store/messaging.ts'
import type { Transaction } from '../store/transaction.ts'
import type { KeepingNumbers } from './keep-numbers.ts'

/**
 * Ends the brand and the campaigns of an account that ends, in the caller's transaction, which holds the account: nothing is sent for it
 * any more, also not what the registry has yet to answer. A constant number of statements, and nothing the second time.
 */
export const endMessagingOf = async (
  tx: Transaction,
  { orgId, principal, action, at }: KeepingNumbers,
  ban: string,
): Promise<void> => {
  const known = await messagingOf(tx, orgId, [ban])
  const over = { status: 'EXPIRED' as const, updatedAt: at }
  const brands = known.brands.filter(({ status }) => isBrandInUse(status))
  const campaigns = known.campaigns.filter(({ status }) => isRunning(status))
  if (brands.length + campaigns.length === 0) return
  const ids = (all: readonly { id: string }[]) => all.map(({ id }) => id)
  await endMessaging(tx, orgId, { brandIds: ids(brands), campaignIds: ids(campaigns) }, at)
  const entry = (type: string, before: { id: string }) => ({
    ...{ orgId, principal, action, at, subject: { type, id: before.id } },
    ...{ before: { ...before }, after: { ...before, ...over } },
  })
  await auditAll(tx, [
    ...campaigns.map((campaign) => entry('MessagingCampaign', campaign)),
    ...brands.map((brand) => entry('MessagingBrand', brand)),
  ])
  await publish(
    tx,
    orgId,
    [
      ...campaigns.map((campaign) => campaignChanged({ ...campaign, ...over }, at)),
      ...brands.map((brand) => brandChanged({ ...brand, ...over }, at)),
    ],
    at,
  )
}
