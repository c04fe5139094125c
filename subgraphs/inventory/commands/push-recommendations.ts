import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type MissingRefusal, missing } from '#service/refusal.ts'
import { noteOutgoing } from '#sync/outgoing.ts'
import type { Context } from '../context.ts'
import { awaitAdvising } from '../store/advice-due.ts'
import { awaitPush } from '../store/recommendation-pushes.ts'
import { type RecommendationRow, recommendationsById, standingOf } from '../store/recommendations.ts'
import type { RfqRow } from '../store/rfqs.ts'
import { rfqsById } from '../store/rfqs.ts'
import type { Transaction } from '../store/transaction.ts'
import { adviseOn } from './advise.ts'
import { subjectsOf } from './look-into-rfq.ts'

export interface Pushed {
  rfq: RfqRow
  recommendations: RecommendationRow[]
  pushed: number
  receipt: Receipt
}

/** Has C3 written what is recommended for a request and its parts; what is missing is found first. Nothing goes out twice. */
export const pushRecommendations = (ctx: Context, rfqId: string): Promise<Pushed | MissingRefusal> =>
  ctx.write(async (tx) => {
    const { orgId } = ctx
    const [rfq] = isId(rfqId) ? await rfqsById(tx, orgId, [rfqId]) : []
    if (!rfq) return missing('The request for prices')
    await awaitAdvising(tx, orgId)
    const { found, looked } = await subjectsOf(tx, orgId, rfqId)
    await adviseOn(tx, ctx, found)
    const standing = await standingOf(tx, orgId, looked)
    return await sendOut(
      tx,
      ctx,
      rfq,
      standing.map(({ id }) => id),
      'pushRecommendations',
    )
  })

/** Lets recommendations for a request go out, those that C3 does not have. */
export const sendOut = async (
  tx: Transaction,
  { orgId, principal, clock }: Context,
  rfq: RfqRow,
  ids: readonly string[],
  action: string,
): Promise<Pushed> => {
  const at = clock.now()
  const waiting = await awaitPush(tx, orgId, ids, at)
  for (const [connectionId, own] of Map.groupBy(waiting, (each) => each.connectionId))
    await noteOutgoing(
      tx,
      { orgId, connectionId },
      own.map(({ type, localId }) => ({ type, localId, isUrgent: true })),
      at,
    )
  await audit(tx, {
    ...{ orgId, principal, action, subject: { type: 'Rfq', id: rfq.id }, at },
    after: { recommendations: ids.length, pushed: waiting.length },
  })
  const rows = new Map((await recommendationsById(tx, orgId, ids)).map((row) => [row.id, row]))
  const recommendations = ids.flatMap((id) => rows.get(id) ?? [])
  return { rfq, recommendations, pushed: waiting.length, receipt: await receiptOf(tx) }
}
