import type { RfqConnectionResolvers, StockConnectionResolvers } from '#schema/generated/inventory.types.ts'
import { counted } from '#service/connection.ts'

export const RfqConnection: RfqConnectionResolvers = counted
export const StockConnection: StockConnectionResolvers = counted
