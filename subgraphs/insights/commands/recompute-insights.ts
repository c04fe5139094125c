import { newId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { lockGrouping } from '../store/customers.ts'
import { callScoring } from '../store/news.ts'
import { type InsightsRecomputeRow, makeAllDue } from '../store/recomputes.ts'
import { noteRun } from '../store/runs.ts'
import type { Transaction } from '../store/transaction.ts'

/** Has all customers of the organisation judged anew, behind those whose facts have changed. */
export const recomputeInsights = (
  ctx: Context,
): Promise<{ recompute: InsightsRecomputeRow; receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const at = clock.now()
    const recompute = await recomputeAll(tx, orgId, 'ASKED', at)
    await audit(tx, {
      ...{ orgId, principal, at, action: 'recomputeInsights' },
      ...{ subject: { type: 'Organisation', id: orgId }, after: { customers: recompute.total } },
    })
    return { recompute, receipt: await receiptOf(tx) }
  })

/**
 * Makes all customers due, in the caller's transaction, and notes it as a run. Four statements however many there are. Facts wait for it meanwhile; whoever is
 * being scored is waited for.
 */
export const recomputeAll = async (
  tx: Transaction,
  orgId: string,
  reason: InsightsRecomputeRow['reason'],
  at: Date,
): Promise<InsightsRecomputeRow> => {
  await lockGrouping(tx, orgId, 'identities')
  const recompute = await makeAllDue(tx, orgId, reason, at)
  await noteRun(tx, orgId, {
    ...{ id: newId({ now: () => at }), kind: 'RECOMPUTE', startedAt: at, endedAt: null, outcome: 'RUNNING' },
    ...{ customers: recompute.total, failures: 0, workedMs: 0 },
  })
  await callScoring(tx)
  return recompute
}
