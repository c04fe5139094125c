import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { idFrom } from '#kernel/ids.ts'
import type { Principal } from '#kernel/principal.ts'
import type { Vault } from '#kernel/vault.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { wakeConnection } from '#sync/parking.ts'
import { startRun } from '#sync/queue.ts'
import { refreshPlace, tokenPlace } from '../domain/links.ts'
import { type Settings, settingsOf } from '../domain/settings.ts'
import { integrationChanged, runProgressed } from '../domain/telling.ts'
import { tellCredentials, writeCredentials } from '../store/credentials.ts'
import { integrationsOf, lockPortal, writeIntegration, writeSettings } from '../store/integrations.ts'
import type { Rows } from '../store/transaction.ts'

/** A portal that has just let us in. */
export interface OpenedPortal {
  baseUrl: string
  portalId: string
  hubDomain: string | null
  /** Null when HubSpot does not tell. */
  scopes: readonly string[] | null
  accessToken: string
  /** Undefined: a private app's token, which lasts. */
  refresh?: { token: string; expiresAt: Date; dueAt: Date }
}

export interface ConnectPortal {
  orgId: string
  principal: Pick<Principal, 'kind' | 'id'>
  action: string
  name: string | null
  /** The connection to make again. */
  integrationId: string | null
  settings?: Partial<Settings>
  portal: OpenedPortal
}

/**
 * Writes down that a portal is connected: the same portal connected again is the same connection, in whatever way it signs in.
 * What was parked goes on, and what was never read is read.
 * @returns 'other portal' when the connection to make again leads to another one; null when it is not there
 */
export const connectPortal = async (
  { database, vault, clock }: { database: Rows; vault: Vault; clock: Clock },
  ask: ConnectPortal,
): Promise<{ integrationId: string; receipt: Receipt } | 'other portal' | null> =>
  await database.transaction(ask.orgId, async (tx) => {
    const { orgId, portal } = ask
    const at = clock.now()
    const known = await lockPortal(tx, orgId, portal)
    const [again] = ask.integrationId ? await integrationsOf(tx, orgId, [ask.integrationId]) : []
    if (ask.integrationId && !again) return null
    if (again && (known ? known !== again.id : again.portal_id !== null)) return 'other portal'
    const id = known ?? again?.id ?? idFrom(orgId, 'integration', 'HUBSPOT', portal.baseUrl, portal.portalId)
    const [before] = await integrationsOf(tx, orgId, [id])
    await writeIntegration(tx, { ...portal, id, orgId, name: ask.name, grantedScopes: portal.scopes }, at)
    if (ask.settings) await writeSettings(tx, orgId, id, ask.settings, at)
    const { refresh } = portal
    await writeCredentials(
      tx,
      {
        orgId,
        integrationId: id,
        mode: refresh ? 'OAUTH' : 'TOKEN',
        accessSealed: vault.seal(portal.accessToken, tokenPlace(orgId, id)),
        refreshSealed: refresh ? vault.seal(refresh.token, refreshPlace(orgId, id)) : null,
        expiresAt: refresh?.expiresAt ?? null,
        dueAt: refresh?.dueAt ?? null,
      },
      at,
    )
    await tellCredentials(tx)
    const mode = before?.last_sync_at ? 'INCREMENTAL' : 'FULL'
    const { run, isNew } = await startRun(tx, { orgId, connectionId: id, mode, clock })
    await wakeConnection(tx, { orgId, connectionId: id })
    const [now] = await integrationsOf(tx, orgId, [id])
    const shown = (row: typeof now) =>
      row && { portalId: row.portal_id, mode: row.mode, status: row.status, ...settingsOf(row) }
    await audit(tx, {
      ...{ orgId, principal: ask.principal, action: ask.action, at },
      subject: { type: 'HubSpotIntegration', id },
      before: shown(before) ?? null,
      after: shown(now) ?? null,
    })
    await publish(
      tx,
      orgId,
      [...(now ? [integrationChanged(now)] : []), ...(isNew ? [runProgressed(run)] : [])],
      at,
    )
    return { integrationId: id, receipt: await receiptOf(tx) }
  })
