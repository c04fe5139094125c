import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { idFrom } from '#kernel/ids.ts'
import { openedBy, type Vault } from '#kernel/vault.ts'
import { keyPlace } from '../domain/key-place.ts'
import { integrationChanged } from '../domain/telling.ts'
import { type IntegrationRow, integrationsOf, writeIntegration } from '../store/integrations.ts'
import type { Transaction } from '../store/transaction.ts'

/** Makes the organisation's connection to a C3, or gives the one it has the key and address of the configuration. Safe to repeat. */
export const ensureIntegration = async (
  tx: Transaction,
  ask: { orgId: string; name: string; baseUrl: string; apiKey: string; vault: Vault; clock: Clock },
): Promise<IntegrationRow> => {
  const { orgId, name, baseUrl, vault, clock } = ask
  const id = idFrom(orgId, 'c3', name)
  const [known] = await integrationsOf(tx, orgId, [id])
  if (known?.baseUrl === baseUrl) {
    // Ended by somebody: the configuration does not bring it back behind their back.
    if (known.disconnectedAt) return known
    if (known.apiKey && openedBy(vault, known.apiKey, keyPlace(orgId, id)) === ask.apiKey) return known
  }
  const at = clock.now()
  const apiKey = vault.seal(ask.apiKey, keyPlace(orgId, id))
  await writeIntegration(tx, orgId, { id, name: known?.name ?? name, baseUrl, isGuarded: false, apiKey }, at)
  const now = (await integrationsOf(tx, orgId, [id])) as [IntegrationRow]
  await publish(tx, orgId, now.map(integrationChanged), at)
  return now[0]
}
