import type {
  C3ConflictConnectionResolvers,
  ComponentConnectionResolvers,
  DeadLetterConnectionResolvers,
  RecommendationConnectionResolvers,
  RfqConnectionResolvers,
  StockConnectionResolvers,
  SupplierConnectionResolvers,
  TransactionConnectionResolvers,
} from '#schema/generated/inventory.types.ts'
import { counted } from '#service/connection.ts'

export const C3ConflictConnection: C3ConflictConnectionResolvers = counted
export const DeadLetterConnection: DeadLetterConnectionResolvers = counted
export const ComponentConnection: ComponentConnectionResolvers = counted
export const RecommendationConnection: RecommendationConnectionResolvers = counted
export const RfqConnection: RfqConnectionResolvers = { ...counted, totals: (page) => page.totals() }
export const StockConnection: StockConnectionResolvers = counted
export const SupplierConnection: SupplierConnectionResolvers = counted
export const TransactionConnection: TransactionConnectionResolvers = counted
