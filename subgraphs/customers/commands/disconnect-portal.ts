import { publish } from '#events/outbox.ts'
import { isHubError } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import { afterwards } from '#kernel/planning.ts'
import { audit } from '#service/audit.ts'
import { chosen } from '#service/choosing.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { refreshPlace } from '../domain/links.ts'
import { integrationChanged } from '../domain/telling.ts'
import { credentialsOf, forgetCredentials, tellCredentials } from '../store/credentials.ts'
import { endIntegration, integrationsOf, lockIntegration } from '../store/integrations.ts'
import { stopReading } from './read-on.ts'

/**
 * Ends a connection: its tokens are forgotten here first, whatever HubSpot says, and then taken back there. What it brought stays.
 */
export const disconnectPortal = async (
  ctx: Context,
  wanted: string | null,
): Promise<{ integrationId: string; receipt: Receipt } | InvalidRefusal | MissingRefusal> => {
  const { orgId, principal, clock, portals, vault, log } = ctx
  if (wanted !== null && !isId(wanted)) return missing('The HubSpot connection')
  const ended = await ctx.write(async (tx) => {
    const found = chosen(await integrationsOf(tx, orgId), wanted)
    if (found === 'ambiguous')
      return invalid('integrationId', 'There are several HubSpot connections: name one.')
    const row = found && (await lockIntegration(tx, orgId, found.id))
    if (!row || row.disconnected_at) return missing('The HubSpot connection')
    const at = clock.now()
    const held = await credentialsOf(tx, orgId, row.id)
    await forgetCredentials(tx, orgId, row.id)
    await endIntegration(tx, orgId, row.id, at)
    await stopReading(tx, { orgId, integrationId: row.id, clock })
    const subject = { type: 'HubSpotIntegration', id: row.id }
    const before = { portalId: row.portal_id, mode: row.mode, status: row.status }
    await audit(tx, { orgId, principal, action: 'disconnectHubSpot', subject, before, at })
    const [now] = await integrationsOf(tx, orgId, [row.id])
    await publish(tx, orgId, now ? [integrationChanged(now)] : [], at)
    await tellCredentials(tx)
    return { integrationId: row.id, receipt: await receiptOf(tx), held, baseUrl: row.base_url }
  })
  if (!('integrationId' in ended)) return ended
  const { held, baseUrl, ...told } = ended
  const signIn = portals.signIn?.(baseUrl)
  const sealed = held?.refresh_sealed
  if (sealed && signIn)
    await afterwards('HubSpot', async () => {
      try {
        await signIn.revoke(vault.open(sealed, refreshPlace(orgId, told.integrationId)))
      } catch (error) {
        // Forgotten here it is in any case; a portal's administrator can take the app out there.
        if (!isHubError(error)) throw error
        const { integrationId } = told
        log.warn({ err: error, orgId, integrationId }, 'could not take a grant back at HubSpot')
      }
    })
  return told
}
