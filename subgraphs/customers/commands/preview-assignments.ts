import { isId } from '#kernel/ids.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type AssignmentRule, ruleFor } from '../domain/assignment.ts'
import { assignmentRulesOf } from '../store/assignment-rules.ts'
import { integrationsOf } from '../store/integrations.ts'
import { unownedPages } from './assign-contacts.ts'
import { rulesFault } from './set-assignment-rules.ts'

export interface AssignmentPreview {
  contacts: number
  assigned: number
  /** How many each rule decides for, in their order. */
  byRule: number[]
  examples: { contactId: string; ownerId: string }[]
}

/** Says what rules would do with the contacts that nobody looks after. Nothing is changed. @param ask.rules null: those that hold */
export const previewAssignments = async (
  ctx: Context,
  ask: { integrationId: string; rules: readonly AssignmentRule[] | null; most: number },
): Promise<AssignmentPreview | InvalidRefusal | MissingRefusal> =>
  await ctx.db.read(ctx.orgId, async (tx) => {
    const { orgId } = ctx
    const { integrationId } = ask
    const [portal] = isId(integrationId) ? await integrationsOf(tx, orgId, [integrationId]) : []
    if (!portal) return missing('The HubSpot connection')
    const place = { orgId, integrationId }
    const fault = ask.rules ? await rulesFault(tx, place, ask.rules) : undefined
    if (fault) return invalid('rules', fault)
    const rules = ask.rules ?? (await assignmentRulesOf(tx, orgId, [integrationId])).get(integrationId) ?? []
    const preview: AssignmentPreview = { contacts: 0, assigned: 0, byRule: rules.map(() => 0), examples: [] }
    for await (const page of unownedPages(tx, place))
      for (const who of page) {
        preview.contacts++
        const n = ruleFor(rules, who)
        const rule = n === undefined ? undefined : rules[n]
        if (n === undefined || !rule) continue
        preview.assigned++
        preview.byRule[n] = (preview.byRule[n] ?? 0) + 1
        if (preview.examples.length < ask.most)
          preview.examples.push({ contactId: who.id, ownerId: rule.ownerId })
      }
    return preview
  })
