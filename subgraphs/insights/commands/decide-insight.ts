import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type Decision, decide, isObjection } from '../domain/deciding.ts'
import { settingsOf } from '../domain/settings.ts'
import { tellInsights } from '../domain/telling.ts'
import { holdCustomer, touchCustomer } from '../store/customers.ts'
import { type InsightRow, insightsById, newestInsights, saveInsights } from '../store/insights.ts'
import { callScoring } from '../store/news.ts'
import { heldSettings } from '../store/settings.ts'

const ACTIONS: Readonly<Record<Decision['to'], string>> = {
  ACCEPTED: 'acceptInsight',
  DISMISSED: 'dismissInsight',
  DONE: 'completeInsight',
  REOPENED: 'reopenInsight',
}

/**
 * Decides on an insight, or takes back what was decided. Whoever judges the customer meanwhile is waited for, and judges it anew behind us:
 * a decision is never overwritten by what the facts say, and what its detector learns from it counts at once.
 */
export const decideInsight = (
  ctx: Context,
  { id, expectedVersion, decision }: { id: string; expectedVersion: number; decision: Decision },
): Promise<{ insight: InsightRow; receipt: Receipt } | Refusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const asked = isId(id) ? (await insightsById(tx, orgId, [id])).get(id) : undefined
    if (!asked) return missing('The insight')
    if (asked.customerId === null)
      return invalid(
        'id',
        'It repeats a recommendation about a part or a supplier: decide on that one.',
        'DECIDED_ELSEWHERE',
      )
    const { customerId } = asked
    await holdCustomer(tx, orgId, customerId)
    const insight = (await insightsById(tx, orgId, [id])).get(id)!
    if (insight.version !== expectedVersion) return stale('The insight', insight.version)
    const before = (await newestInsights(tx, orgId, [customerId])).get(customerId) ?? []
    const isNewest = before.some(({ insightId }) => insightId === id)
    const at = clock.now()
    const { detectors } = settingsOf((await heldSettings(tx, orgId)).document)
    const next = decide(insight, decision, isNewest, at, detectors.validDays)
    if (isObjection(next)) return invalid('id', next.objection)
    const decided = { ...next, takenFrom: null }
    await saveInsights(tx, orgId, [decided])
    await touchCustomer(tx, orgId, customerId, at)
    await callScoring(tx)
    await audit(tx, {
      ...{ orgId, principal, at, action: ACTIONS[decision.to], subject: { type: 'Insight', id } },
      before: outcomeOf(insight),
      after: outcomeOf(decided),
    })
    const after = before.map((each) => (each.insightId === id ? decided : each))
    await publish(tx, orgId, tellInsights(customerId, before, after, at), at)
    return { insight: decided, receipt: await receiptOf(tx) }
  })

const outcomeOf = ({ state, dismissedFor, outcome }: InsightRow) => ({ state, dismissedFor, outcome })
