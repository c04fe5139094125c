import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { faultOfTwins, type TwinCondition, type TwinSystem } from '../domain/twins.ts'
import { integrationsOf } from '../store/integrations.ts'
import { lockTwins, writeTwinPolicy } from '../store/twins.ts'

/**
 * Decides which customers that only C3 or WARP knows are made companies of a portal. Deciding what is decided already changes nothing.
 * Companies that were made stay when it is switched off.
 */
export const setTwinPolicy = (
  ctx: Context,
  ask: {
    integrationId: string
    expectedVersion: number
    isOn: boolean
    systems: readonly string[]
    conditions: readonly TwinCondition[]
  },
): Promise<Refusal | { integrationId: string; receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const { integrationId, isOn } = ask
    const [portal] = isId(integrationId) ? await integrationsOf(tx, orgId, [integrationId]) : []
    if (!portal || portal.disconnected_at) return missing('The HubSpot connection')
    const place = { orgId, integrationId }
    const { version, ...before } = await lockTwins(tx, place)
    if (version !== ask.expectedVersion) return stale('The policy', version)
    const fault = faultOfTwins(ask)
    if (fault) return invalid(fault.field, fault.message)
    const after = {
      isOn,
      systems: [...ask.systems].sort() as TwinSystem[],
      conditions: [...ask.conditions].sort(),
    }
    const same = (one: typeof before): string =>
      JSON.stringify([one.isOn, [...one.systems].sort(), [...one.conditions].sort()])
    if (same(before) !== same(after)) {
      const at = clock.now()
      await writeTwinPolicy(tx, place, { ...after, version: version + 1 }, at)
      const subject = { type: 'HubSpotIntegration', id: integrationId }
      await audit(tx, { orgId, principal, action: 'setTwinPolicy', subject, before, after, at })
    }
    return { integrationId, receipt: await receiptOf(tx) }
  })
