import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { auditedFields, type FieldChange } from '../domain/changing-mappings.ts'
import type { MappedType } from '../domain/hub-fields.ts'
import type { MappingProblem } from '../domain/mapping-problems.ts'
import { heldMappings, planMapping, writePlans } from './apply-mappings.ts'

export interface SaveMappingAsk {
  integrationId: string
  type: MappedType
  changes: readonly FieldChange[]
  expectedVersion: number
}

/** Why a mapping was not saved. */
export type MappingRefusal =
  | { missing: string }
  | { unread: true }
  | { currentVersion: number }
  | { problems: readonly MappingProblem[] }

/**
 * Maps fields of the hub to other properties of a portal. Stored records follow from what the portal has told already;
 * only a property that was never read is asked for. Saving what holds already changes nothing.
 */
export const saveMapping = (
  ctx: Context,
  ask: SaveMappingAsk,
): Promise<MappingRefusal | { saved: true; receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const at = clock.now()
    const held = isId(ask.integrationId)
      ? await heldMappings(tx, orgId, ask.integrationId, true, at)
      : undefined
    if (!held) return { missing: 'The HubSpot connection' }
    if (held.catalog.size === 0) return { unread: true }
    const plan = planMapping(held, ask.type, ask.changes, at)
    if (plan.held.version !== ask.expectedVersion) return { currentVersion: plan.held.version }
    if (plan.problems.some(({ blocks }) => blocks)) return { problems: plan.problems }
    if (plan.fields.length > 0) {
      const events = await writePlans(tx, ctx, held, [plan])
      await audit(tx, {
        orgId,
        principal,
        action: 'saveMapping',
        subject: { type: 'HubSpotIntegration', id: ask.integrationId },
        before: auditedFields(ask.type, plan.held.fields, plan.fields),
        after: auditedFields(ask.type, plan.overrides, plan.fields),
        at,
      })
      await publish(tx, orgId, events, at)
    }
    return { saved: true, receipt: await receiptOf(tx) }
  })
