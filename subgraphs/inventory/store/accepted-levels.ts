import { sql } from 'kysely'
import type { StockLevel } from './stock-levels.ts'
import type { Transaction } from './transaction.ts'

/** Notes what stood there before a recommendation was accepted; null where nobody had said anything. */
export const noteFormerLevel = async (
  tx: Transaction,
  orgId: string,
  { recommendationId, componentId }: { recommendationId: string; componentId: string },
  former: StockLevel | null,
): Promise<void> => {
  await sql`
    insert into inventory.accepted_levels
      (org_id, recommendation_id, component_id, former_reorder_point, former_order_quantity, former_recommendation_id)
    values (${orgId}, ${recommendationId}::uuid, ${componentId}::uuid, ${former?.reorderPoint ?? null}, ${former?.orderQuantity ?? null},
      ${former?.recommendationId ?? null}::uuid)`.execute(tx)
}

/**
 * Takes back what was noted when a recommendation was accepted: one statement. What was accepted after it has from now on come after
 * what was before it.
 * @returns what stood there before: null where nobody had said anything, undefined where it was not accepted
 */
export const takeFormerLevel = async (
  tx: Transaction,
  orgId: string,
  recommendationId: string,
): Promise<StockLevel | null | undefined> => {
  const { rows } = await sql<{
    reorderPoint: number | null
    orderQuantity: number | null
    recommendationId: string | null
  }>`
    with taken as (
      delete from inventory.accepted_levels where org_id = ${orgId} and recommendation_id = ${recommendationId}::uuid
      returning former_reorder_point, former_order_quantity, former_recommendation_id
    ), relinked as (
      update inventory.accepted_levels a set former_reorder_point = t.former_reorder_point, former_order_quantity = t.former_order_quantity,
        former_recommendation_id = t.former_recommendation_id
      from taken t where a.org_id = ${orgId} and a.former_recommendation_id = ${recommendationId}::uuid
    )
    select former_reorder_point as "reorderPoint", former_order_quantity as "orderQuantity",
      former_recommendation_id as "recommendationId" from taken`.execute(tx)
  const [taken] = rows
  if (!taken) return undefined
  const { reorderPoint, ...rest } = taken
  return reorderPoint === null ? null : { reorderPoint, ...rest }
}
