import type { NewEvent } from '#events/outbox.ts'
import { idFrom } from '#kernel/ids.ts'
import { stockAlerted } from '../domain/telling.ts'
import { noteOversold, notePartsLow } from '../store/stock-levels.ts'
import type { Transaction } from '../store/transaction.ts'

/**
 * Looks at stock rows that have changed: parts that have come to be scarce, and rows that have come to be oversold, are told once. Three
 * statements at most, however many rows.
 * @param newIds rows that the hub meets for the first time: how they stand is history, and noted without being told
 */
export const lookAtStock = async (
  tx: Transaction,
  orgId: string,
  { stockIds, newIds = new Set<string>() }: { stockIds: readonly string[]; newIds?: ReadonlySet<string> },
  at: Date,
): Promise<NewEvent[]> => {
  const low = await notePartsLow(tx, orgId, stockIds)
  const oversold = await noteOversold(tx, orgId, stockIds, at)
  const raisedAt = at.toISOString()
  return [
    ...low.map(({ componentId, reorderPoint, free }) =>
      stockAlerted({
        ...{ alertId: idFrom(orgId, componentId, 'LOW', raisedAt), kind: 'LOW', componentId, stockId: null },
        ...{ free, reorderPoint, raisedAt },
      }),
    ),
    ...oversold
      .filter(({ stockId }) => !newIds.has(stockId))
      .map(({ stockId, componentId, free }) =>
        stockAlerted({
          ...{
            alertId: idFrom(orgId, stockId, 'OVERSOLD', raisedAt),
            kind: 'OVERSOLD',
            componentId,
            stockId,
          },
          ...{ free, reorderPoint: null, raisedAt },
        }),
      ),
  ]
}
