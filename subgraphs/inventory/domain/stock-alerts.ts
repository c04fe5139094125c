/**
 * low       as few of a part are free, on all shelves together, as it is to be ordered again at
 * oversold  more of a stock row are reserved than lie there
 *
 * Each is told when it comes to be so, and again only after it was well in between: a number that goes up and down by a few is one
 * trouble and not many.
 */
export const STOCK_ALERT_KINDS = ['LOW', 'OVERSOLD'] as const
export type StockAlertKind = (typeof STOCK_ALERT_KINDS)[number]

/** Something that is the matter with stock. */
export interface StockAlertRow {
  id: string
  kind: StockAlertKind
  componentId: string
  /** Null when it is about all of the part. */
  stockId: string | null
  free: number
  reorderPoint: number | null
  raisedAt: Date
}

/** Nobody needs more of a part. */
export const MOST_TO_REORDER = 1_000_000_000

/** From how many free ones on a part that was low is well again: a tenth more than it is to be ordered again at, and one at least. */
export const clearsAt = (reorderPoint: number): number =>
  reorderPoint + Math.max(1, Math.ceil(reorderPoint / 10))
