import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { auditedFields } from '../domain/changing-mappings.ts'
import { MAPPED_TYPES, type MappedType } from '../domain/hub-fields.ts'
import type { Overrides } from '../domain/mapping.ts'
import { readDocument } from '../domain/mapping-document.ts'
import type { MappingProblem } from '../domain/mapping-problems.ts'
import { heldMappings, type PlannedMapping, planMapping, writePlans } from './apply-mappings.ts'

/** A problem, with the kind of record it is about. */
export type TypedProblem = MappingProblem & { type: MappedType }

export type ImportRefusal =
  | { missing: string }
  | { unread: true }
  | { wrong: string }
  | { problems: readonly TypedProblem[] }

/**
 * Puts the mappings of a file in the place of a portal's: all of them or, when one cannot work, none. What is the same
 * already is left alone, so that importing twice changes nothing.
 * @param ask.dryRun says what would happen and does nothing
 */
export const importMappings = (
  ctx: Context,
  ask: { integrationId: string; document: string; dryRun: boolean },
): Promise<ImportRefusal | { changed: number; problems: TypedProblem[]; receipt: Receipt | null }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const at = clock.now()
    const held = isId(ask.integrationId)
      ? await heldMappings(tx, orgId, ask.integrationId, true, at)
      : undefined
    if (!held) return { missing: 'The HubSpot connection' }
    if (held.catalog.size === 0) return { unread: true }
    const overrides = Object.fromEntries(held.rows.map((row) => [row.type, row.fields]))
    const read = readDocument(ask.document, overrides)
    if ('wrong' in read) return read
    const plans = MAPPED_TYPES.map((type) => planMapping(held, type, read.changes[type], at))
    const problems = plans.flatMap((plan) => plan.problems.map((each) => ({ ...each, type: plan.type })))
    if (problems.some(({ blocks }) => blocks)) return { problems }
    const changing = plans.filter(({ fields }) => fields.length > 0)
    const changed = changing.reduce((sum, { fields }) => sum + fields.length, 0)
    if (ask.dryRun) return { changed, problems, receipt: null }
    if (changing.length > 0) {
      const events = await writePlans(tx, ctx, held, changing)
      const audited = (overridesOf: (plan: PlannedMapping) => Overrides) =>
        Object.assign({}, ...changing.map((plan) => auditedFields(plan.type, overridesOf(plan), plan.fields)))
      await audit(tx, {
        orgId,
        principal,
        action: 'importMappings',
        subject: { type: 'HubSpotIntegration', id: ask.integrationId },
        before: audited((plan) => plan.held.fields),
        after: audited((plan) => plan.overrides),
        at,
      })
      await publish(tx, orgId, events, at)
    }
    return { changed, problems, receipt: await receiptOf(tx) }
  })
