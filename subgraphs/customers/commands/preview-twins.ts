import { isId } from '#kernel/ids.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import {
  faultOfTwins,
  NO_TWINS,
  type TwinCondition,
  type TwinReason,
  type TwinSystem,
} from '../domain/twins.ts'
import { integrationsOf } from '../store/integrations.ts'
import { twinPoliciesOf } from '../store/twins.ts'
import { judgeTwins } from './judge-twins.ts'

export interface TwinPreview {
  isOn: boolean
  total: number
  customerIds: string[]
  others: { reason: TwinReason; customers: number }[]
}

/** Which customers would be made companies of a portal by a policy, the one that holds or another. Nothing is changed. */
export const previewTwins = (
  { db, orgId }: Context,
  ask: {
    integrationId: string
    systems: readonly string[] | null
    conditions: readonly TwinCondition[] | null
    most: number
  },
): Promise<TwinPreview | InvalidRefusal | MissingRefusal> =>
  db.read(orgId, async (tx) => {
    const { integrationId, most } = ask
    const [portal] = isId(integrationId) ? await integrationsOf(tx, orgId, [integrationId]) : []
    if (!portal || portal.disconnected_at) return missing('The HubSpot connection')
    const held = (await twinPoliciesOf(tx, orgId, [integrationId])).get(integrationId) ?? NO_TWINS
    const policy = {
      systems: [...(ask.systems ?? held.systems)] as TwinSystem[],
      conditions: [...(ask.conditions ?? held.conditions)],
    }
    const fault = faultOfTwins(policy)
    if (fault) return invalid(fault.field, fault.message)
    const preview = { isOn: held.isOn, total: 0, customerIds: [] as string[] }
    const counts = new Map<TwinReason, number>()
    for await (const { makes, others } of judgeTwins(
      tx,
      { orgId, integrationId },
      policy,
      portal.inclusion,
    )) {
      preview.total += makes.length
      preview.customerIds.push(...makes.slice(0, most - preview.customerIds.length).map(({ id }) => id))
      for (const reason of others) counts.set(reason, (counts.get(reason) ?? 0) + 1)
    }
    return { ...preview, others: [...counts].map(([reason, customers]) => ({ reason, customers })) }
  })
