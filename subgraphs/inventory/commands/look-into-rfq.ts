import { isId } from '#kernel/ids.ts'
import type { Context } from '../context.ts'
import { type Insights, sumUpInsights } from '../domain/rfq-insights.ts'
import { componentsById } from '../store/components.ts'
import { type RecommendationRow, standingOf, type Whereabouts } from '../store/recommendations.ts'
import { linesOf, type RfqLineRow } from '../store/rfq-lines.ts'
import { type RfqRow, rfqsById } from '../store/rfqs.ts'
import { suppliersByC3Id } from '../store/suppliers.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Subjects } from './advise.ts'

/** What a request is about: itself, the parts that its lines mean, and whom those can be bought from. */
export const subjectsOf = async (
  tx: Transaction,
  orgId: string,
  rfqId: string,
): Promise<{ lines: RfqLineRow[]; found: Subjects; looked: Whereabouts }> => {
  const lines = await linesOf(tx, orgId, [rfqId])
  const componentIds = [...new Set(lines.flatMap(({ componentId }) => componentId ?? []))]
  const parts = await componentsById(tx, orgId, componentIds)
  const supplierIds = [
    ...new Set(parts.flatMap(({ sources }) => sources.map(({ supplierId }) => supplierId))),
  ]
  const suppliers = await suppliersByC3Id(tx, orgId, supplierIds)
  return {
    lines,
    found: { rfqIds: [rfqId], componentIds, supplierRows: suppliers.map(({ id }) => id) },
    looked: { rfqIds: [rfqId], componentIds, supplierIds },
  }
}

/** Everything that is recommended for a request, its parts and whom they can be bought from. Null when there is no such request. */
export const lookIntoRfq = (
  ctx: Context,
  rfqId: string,
): Promise<({ rfq: RfqRow } & Insights<RecommendationRow>) | null> =>
  ctx.db.read(ctx.orgId, async (tx) => {
    const { orgId } = ctx
    const [rfq] = isId(rfqId) ? await rfqsById(tx, orgId, [rfqId]) : []
    if (!rfq) return null
    const { lines, looked } = await subjectsOf(tx, orgId, rfqId)
    return { rfq, ...sumUpInsights(rfq, lines, await standingOf(tx, orgId, looked)) }
  })
