import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { hasAssets } from '../domain/assets.ts'
import { type AskedSettings, isChange, readSettings } from '../domain/changing-settings.ts'
import { isOn } from '../domain/features.ts'
import { allows, settingsOf } from '../domain/settings.ts'
import { integrationChanged } from '../domain/telling.ts'
import { integrationsOf, lockIntegration, writeSettings } from '../store/integrations.ts'
import { assigns } from './assign-contacts.ts'
import { turnAssigningOf } from './begin-assigning.ts'
import { readOn, stopReading } from './read-on.ts'
import { turnAddresses, turnAssets } from './take-asset-news.ts'

/**
 * Changes how a connection is kept in step. Other rules about who takes part have everything listed again: what they leave out
 * leaves the hub, what they let in comes.
 */
export const changeConnection = async (
  ctx: Context,
  ask: { integrationId: string; settings: AskedSettings; expectedVersion: number },
): Promise<{ integrationId: string; receipt: Receipt } | Refusal> => {
  const change = readSettings(ask.settings)
  if ('field' in change) return invalid(change.field, change.message)
  const { orgId, principal, clock } = ctx
  const id = ask.integrationId
  return await ctx.write(async (tx) => {
    const row = isId(id) ? await lockIntegration(tx, orgId, id) : undefined
    if (!row || row.disconnected_at) return missing('The HubSpot connection')
    if (row.settings_version !== ask.expectedVersion) return stale('The connection', row.settings_version)
    if (change.inclusion?.some(({ by }) => by === 'LIST') && !isOn(row, 'LISTS'))
      return invalid(
        'inclusion',
        'The portal does not let the hub see its lists. Connect it again and grant that.',
      )
    const before = settingsOf(row)
    if (!isChange(before, change)) return { integrationId: id, receipt: await receiptOf(tx) }
    const at = clock.now()
    await writeSettings(tx, orgId, id, change, at)
    const [now] = await integrationsOf(tx, orgId, [id])
    const after = settingsOf(now ?? row)
    const subject = { type: 'HubSpotIntegration', id }
    await audit(tx, {
      orgId,
      principal,
      action: 'changeConnection',
      subject,
      before: { ...before },
      after: { ...after },
      at,
    })
    const hasOtherRules = JSON.stringify(before.inclusion) !== JSON.stringify(after.inclusion)
    const comesIn = allows(after.direction, 'IN')
    await publish(tx, orgId, now ? [integrationChanged(now)] : [], at)
    if (now) {
      await turnAssigningOf(tx, ctx.jobs, { was: assigns(row), portal: now, at })
      await turnAddresses(tx, ctx.jobs, { was: row.sends_addresses, portal: now })
      await turnAssets(tx, ctx.jobs, { was: hasAssets(row), portal: now, at })
    }
    if (hasOtherRules || !comesIn) await stopReading(tx, { orgId, integrationId: id, clock })
    if (comesIn) {
      const mode = hasOtherRules ? 'RECONCILE' : allows(before.direction, 'IN') ? null : 'INCREMENTAL'
      await readOn(tx, { orgId, integrationId: id, mode, clock })
    }
    return { integrationId: id, receipt: await receiptOf(tx) }
  })
}
