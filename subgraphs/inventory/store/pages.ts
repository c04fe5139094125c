import type { CountedPage } from '#service/connection.ts'
import type { RfqRow } from './rfqs.ts'
import type { StockItemRow } from './stock.ts'

export type RfqConnectionRow = CountedPage<RfqRow>
export type StockConnectionRow = CountedPage<StockItemRow>
