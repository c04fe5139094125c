import type { CountedPage } from '#service/connection.ts'
import type { ComponentRow } from './components.ts'
import type { RecommendationRow } from './recommendations.ts'
import type { RfqRow, RfqTotalRow } from './rfqs.ts'
import type { StockItemRow } from './stock.ts'
import type { SupplierRow } from './suppliers.ts'
import type { TransactionRow } from './transactions.ts'

export type ComponentConnectionRow = CountedPage<ComponentRow>
export type RecommendationConnectionRow = CountedPage<RecommendationRow>
/** A page of requests, which sums up what all of the list are worth when somebody asks. */
export interface RfqConnectionRow extends CountedPage<RfqRow> {
  totals(): Promise<RfqTotalRow[]>
}
export type StockConnectionRow = CountedPage<StockItemRow>
export type SupplierConnectionRow = CountedPage<SupplierRow>
export type TransactionConnectionRow = CountedPage<TransactionRow>
