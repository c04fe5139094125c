import { LOOK_BACK_DAYS, type PartFacts } from '../domain/part-advice.ts'
import { salesOf } from './advice.ts'
import { type ComponentRow, componentsById } from './components.ts'
import { suppliersByC3Id } from './suppliers.ts'
import type { Transaction } from './transaction.ts'

/** What is known of parts' stock, sales and suppliers, by part: three statements for all. */
export const partFactsOf = async (
  tx: Transaction,
  orgId: string,
  componentIds: readonly string[],
  now: Date,
): Promise<Map<string, { part: ComponentRow; facts: PartFacts }>> => {
  const parts = await componentsById(tx, orgId, componentIds)
  // By whole days: what is known does not change from one minute to the next because time passes.
  const since = new Date(now.getTime() - LOOK_BACK_DAYS * 86_400_000)
  since.setUTCHours(0, 0, 0, 0)
  const sales = await salesOf(tx, orgId, componentIds, since)
  const offered = parts.flatMap(({ sources }) => sources.map(({ supplierId }) => supplierId))
  const known = await suppliersByC3Id(tx, orgId, [...new Set(offered)])
  const suppliers = new Map(known.map((row) => [row.c3SupplierId, row]))
  return new Map(
    parts.map((part) => {
      const { id, lifecycle, averageCost, quantityAvailable, quantityReserved, sources } = part
      const facts: PartFacts = {
        ...{ lifecycle, averageCost, orders: sales.get(id) ?? [] },
        free: quantityAvailable - quantityReserved,
        sources: sources.map((source) => {
          const supplier = suppliers.get(source.supplierId)
          return { ...source, onTime: supplier?.onTime ?? null, isApproved: supplier?.isApproved ?? false }
        }),
      }
      return [id, { part, facts }]
    }),
  )
}
