import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { mayBecome, type RecommendationState } from '../domain/recommendations.ts'
import { noteDue } from '../store/advice-due.ts'
import {
  lockRecommendation,
  type RecommendationRow,
  recommendationsById,
  writeDecision,
} from '../store/recommendations.ts'
import type { Transaction } from '../store/transaction.ts'
import { tellChanged } from './advise.ts'
import { followStockAdvice, unfollowStockAdvice } from './follow-stock-advice.ts'

const MOST_REASON = 1_000

type Decision = 'ACCEPTED' | 'REJECTED' | 'REOPENED'
const ACTIONS: Readonly<Record<Decision, string>> = {
  ACCEPTED: 'acceptRecommendation',
  REJECTED: 'rejectRecommendation',
  REOPENED: 'reopenRecommendation',
}

/**
 * Accepts or rejects a recommendation, or takes back what was decided. What accepting has set is set in the same transaction, and put
 * back with the decision.
 */
export const decideRecommendation = (
  ctx: Context,
  ask: { id: string; expectedVersion: number; to: Decision; reason: string | null },
): Promise<{ recommendation: RecommendationRow; receipt: Receipt } | Refusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const { id, to } = ask
    const held = isId(id) ? await lockRecommendation(tx, orgId, id) : undefined
    if (!held) return missing('The recommendation')
    if (held.version !== ask.expectedVersion) return stale('The recommendation', held.version)
    const state = stateAfter(held, to)
    if (!mayBecome(held.state, state)) return invalid('id', whyNot(held.state, to))
    const because = ask.reason?.trim() || null
    if (to === 'REJECTED' && because === null) return invalid('reason', 'Say why it is not wanted.')
    if ((because?.length ?? 0) > MOST_REASON) return invalid('reason', `At most ${MOST_REASON} letters.`)
    const at = clock.now()
    const isDecided = to !== 'REOPENED'
    const by = isDecided ? principal.id : null
    await writeDecision(tx, orgId, { id, state, by, because: isDecided ? because : null }, at)
    if (to === 'ACCEPTED') await followStockAdvice(tx, ctx, held)
    else await unfollowStockAdvice(tx, ctx, held, ACTIONS[to])
    await audit(tx, {
      ...{ orgId, principal, subject: { type: 'Recommendation', id }, at, action: ACTIONS[to] },
      before: { state: held.state },
      after: { state, decidedBecause: because },
    })
    if (!isDecided) await lookAgain(tx, orgId, held)
    await tellChanged(tx, orgId, [id], at)
    const [recommendation] = await recommendationsById(tx, orgId, [id])
    return { recommendation: recommendation!, receipt: await receiptOf(tx) }
  })

const stateAfter = ({ isLatest }: RecommendationRow, to: Decision): RecommendationState =>
  to === 'REOPENED' ? (isLatest ? 'PROPOSED' : 'SUPERSEDED') : to

const whyNot = (state: RecommendationState, to: Decision): string => {
  const is = `It is ${state.toLowerCase()}`
  if (to === 'REOPENED') return `${is}: there is no decision to take back.`
  const isDecided = state === 'ACCEPTED' || state === 'REJECTED'
  return isDecided ? `${is}. Take that back first.` : `${is} and cannot be decided on. Look for a newer one.`
}

/** Whether there still is a reason for what nobody has decided on any more. */
const lookAgain = async (
  tx: Transaction,
  orgId: string,
  { rfqId, componentId }: RecommendationRow,
): Promise<void> => {
  if (rfqId) await noteDue(tx, orgId, 'RFQ', rfqId)
  else if (componentId) await noteDue(tx, orgId, 'COMPONENT', componentId)
}
