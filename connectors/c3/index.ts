/** The C3 connector: what the inventory subgraph reads the quoting system with. It knows C3's words and none of ours. */
export { type C3, C3_LIMITS, type C3ListOptions, type C3Options, openC3 } from './client.ts'
export type { Customer, Rfq, RfqLine, RfqStatus, StockRow } from './wire.ts'
