import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { MOST_TO_REORDER } from '../domain/stock-alerts.ts'
import { componentsById } from '../store/components.ts'
import { lockStockLevel, setStockLevel } from '../store/stock-levels.ts'

/** Says at how many free ones a part is to be ordered again, and how many then. Whoever says so sees whether so few are: only what changes later is told. */
export const setReorderPoint = (
  ctx: Context,
  ask: { componentId: string; reorderPoint: number | null; orderQuantity: number | null },
): Promise<{ componentId: string; receipt: Receipt } | InvalidRefusal | MissingRefusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const { componentId, reorderPoint, orderQuantity } = ask
    const isFit = (pieces: number | null, least: number) =>
      pieces === null || (pieces >= least && pieces <= MOST_TO_REORDER)
    if (!isFit(reorderPoint, 0))
      return invalid('reorderPoint', `It is a whole number from 0 to ${MOST_TO_REORDER}.`)
    if (!isFit(orderQuantity, 1) || (reorderPoint === null && orderQuantity !== null))
      return invalid(
        'orderQuantity',
        `It is a whole number from 1 to ${MOST_TO_REORDER}, and goes with a reorder point.`,
      )
    if (!isId(componentId) || (await componentsById(tx, orgId, [componentId])).length === 0)
      return missing('The part')
    const at = clock.now()
    const before = await lockStockLevel(tx, orgId, componentId)
    const level = reorderPoint === null ? null : { reorderPoint, orderQuantity, recommendationId: null }
    await setStockLevel(tx, orgId, componentId, level, at)
    await audit(tx, {
      ...{ orgId, principal, at, action: 'setReorderPoint', subject: { type: 'Component', id: componentId } },
      before: { reorderPoint: before?.reorderPoint ?? null, orderQuantity: before?.orderQuantity ?? null },
      after: { reorderPoint, orderQuantity },
    })
    return { componentId, receipt: await receiptOf(tx) }
  })
