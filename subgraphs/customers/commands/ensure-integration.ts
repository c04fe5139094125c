import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { idFrom } from '#kernel/ids.ts'
import { openedBy, type Vault } from '#kernel/vault.ts'
import { startRun } from '#sync/queue.ts'
import { tokenPlace } from '../domain/links.ts'
import { integrationChanged, runProgressed } from '../domain/telling.ts'
import { credentialsOf, writeCredentials } from '../store/credentials.ts'
import { integrationsOf, writeIntegration } from '../store/integrations.ts'
import type { Rows } from '../store/transaction.ts'

/** A connection as the process's configuration names it. */
export interface WantedIntegration {
  orgId: string
  name: string
  baseUrl: string
  token: string
}

/**
 * Makes sure that a configured connection is there with the address and credentials of the configuration, and asks for its
 * first sync when it never had one. Safe to repeat.
 * @returns the connection's id: the same for the same organisation and name
 */
export const ensureIntegration = async (
  { database, vault, clock }: { database: Rows; vault: Vault; clock: Clock },
  wanted: WantedIntegration,
): Promise<string> => {
  const { orgId, name, baseUrl, token } = wanted
  const id = idFrom(orgId, 'integration', 'HUBSPOT', name)
  await database.transaction(orgId, async (tx) => {
    const [known] = await integrationsOf(tx, orgId, [id])
    const held = known && (await credentialsOf(tx, orgId, id))
    // Ended by somebody: the configuration does not bring it back behind their back.
    if (known?.disconnected_at && known.base_url === baseUrl) return
    const isSame =
      held !== undefined &&
      known?.base_url === baseUrl &&
      // Somebody has let the app into that portal since: what it signs in with is not ours to replace.
      (held.mode === 'OAUTH' || openedBy(vault, held.access_sealed, tokenPlace(orgId, id)) === token)
    if (!isSame) {
      const at = clock.now()
      await writeIntegration(tx, { id, orgId, name, baseUrl }, at)
      const accessSealed = vault.seal(token, tokenPlace(orgId, id))
      const given = { orgId, integrationId: id, mode: 'TOKEN' as const, accessSealed }
      await writeCredentials(tx, { ...given, refreshSealed: null, expiresAt: null, dueAt: null }, at)
    }
    const started =
      known?.last_sync_at == null
        ? await startRun(tx, { orgId, connectionId: id, mode: 'FULL', clock })
        : undefined
    const [now] = await integrationsOf(tx, orgId, [id])
    const events = [
      ...(now && !isSame ? [integrationChanged(now)] : []),
      ...(started?.isNew ? [runProgressed(started.run)] : []),
    ]
    await publish(tx, orgId, events, clock.now())
  })
  return id
}
