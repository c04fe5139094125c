import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { idFrom } from '#kernel/ids.ts'
import type { Vault } from '#kernel/vault.ts'
import { keyPlace } from '../domain/key-place.ts'
import { integrationChanged } from '../domain/telling.ts'
import { type IntegrationRow, upsertIntegration } from '../store/integrations.ts'
import type { Transaction } from '../store/transaction.ts'

/** Makes the organisation's connection to a C3, or gives the one it has a new key. Safe to repeat. */
export const ensureIntegration = async (
  tx: Transaction,
  ask: { orgId: string; name: string; baseUrl: string; apiKey: string; vault: Vault; clock: Clock },
): Promise<IntegrationRow> => {
  const { orgId, name, vault, clock } = ask
  const id = idFrom(orgId, 'c3', name)
  const apiKey = vault.seal(ask.apiKey, keyPlace(orgId, id))
  const at = clock.now()
  const integration = await upsertIntegration(tx, orgId, { id, name, baseUrl: ask.baseUrl, apiKey }, at)
  await publish(tx, orgId, [integrationChanged(integration)], at)
  return integration
}
