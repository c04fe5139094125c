import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import type { FieldChange } from '../domain/changing-mappings.ts'
import type { MappedType } from '../domain/hub-fields.ts'
import type { MappingProblem } from '../domain/mapping-problems.ts'
import { applyPlans, lockedMappings, planMapping, type UnchangeableMappings } from './apply-mappings.ts'

export interface SaveMappingAsk {
  integrationId: string
  type: MappedType
  changes: readonly FieldChange[]
  expectedVersion: number
}

/** Why a mapping was not saved. */
export type MappingRefusal =
  | UnchangeableMappings
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
    const held = await lockedMappings(tx, ctx, ask.integrationId)
    if (!('rows' in held)) return held
    const plan = planMapping(held, ask.type, ask.changes, ctx.clock.now())
    if (plan.held.version !== ask.expectedVersion) return { currentVersion: plan.held.version }
    if (plan.problems.some(({ blocks }) => blocks)) return { problems: plan.problems }
    await applyPlans(tx, ctx, 'saveMapping', held, plan.fields.length > 0 ? [plan] : [])
    return { saved: true, receipt: await receiptOf(tx) }
  })
