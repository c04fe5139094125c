import type { Clock } from '#kernel/clock.ts'
import type { Principal } from '#kernel/principal.ts'
import { audit } from '#service/audit.ts'
import { MOST_TO_REORDER } from '../domain/stock-alerts.ts'
import { noteFormerLevel, takeFormerLevel } from '../store/accepted-levels.ts'
import type { RecommendationRow } from '../store/recommendations.ts'
import { lockStockLevel, type StockLevel, setStockLevel } from '../store/stock-levels.ts'
import type { Transaction } from '../store/transaction.ts'

interface Around {
  orgId: string
  principal: Principal
  clock: Clock
}

/** Has a part ordered again when, and as many as, an accepted recommendation says. Nothing of other kinds. */
export const followStockAdvice = async (
  tx: Transaction,
  around: Around,
  { id: recommendationId, kind, componentId, reorderPoint, orderQuantity }: RecommendationRow,
): Promise<void> => {
  if (kind !== 'STOCK_LEVEL' || componentId === null || reorderPoint === null) return
  const { orgId } = around
  const former = await lockStockLevel(tx, orgId, componentId)
  await noteFormerLevel(tx, orgId, { recommendationId, componentId }, former)
  const level = { reorderPoint: Math.min(reorderPoint, MOST_TO_REORDER), orderQuantity, recommendationId }
  await putLevel(tx, around, componentId, { former, level, action: 'acceptRecommendation' })
}

/**
 * Puts back what stood there before a recommendation was accepted that is accepted no longer. What somebody has said since stays as it
 * is: the later word holds.
 */
export const unfollowStockAdvice = async (
  tx: Transaction,
  around: Around,
  { id, kind, componentId }: RecommendationRow,
  action: string,
): Promise<void> => {
  if (kind !== 'STOCK_LEVEL' || componentId === null) return
  const { orgId } = around
  const now = await lockStockLevel(tx, orgId, componentId)
  const former = await takeFormerLevel(tx, orgId, id)
  if (former === undefined || now?.recommendationId !== id) return
  await putLevel(tx, around, componentId, { former: now, level: former, action })
}

const putLevel = async (
  tx: Transaction,
  { orgId, principal, clock }: Around,
  componentId: string,
  { former, level, action }: { former: StockLevel | null; level: StockLevel | null; action: string },
): Promise<void> => {
  const at = clock.now()
  await setStockLevel(tx, orgId, componentId, level, at)
  await audit(tx, {
    ...{ orgId, principal, at, action, subject: { type: 'Component', id: componentId } },
    ...{ before: shown(former), after: shown(level) },
  })
}

const shown = (level: StockLevel | null) => ({
  reorderPoint: level?.reorderPoint ?? null,
  orderQuantity: level?.orderQuantity ?? null,
})
