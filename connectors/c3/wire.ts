import type * as promised from './generated/schemas.ts'

/**
 * C3's own words, by name, as `openapi.yaml` beside this file promises them. Client and simulator are both written against it.
 *
 * RFQ: a request for quotation. Stock row: parts of one kind, place and lot. Instants are ISO 8601 texts, prices decimal texts.
 */
export type {
  Account,
  Customer,
  Delivery,
  Error as ErrorBody,
  InventoryRecommendation,
  PriceRecommendation,
  Reservation,
  Rfq,
  RfqLine,
  RfqStatus,
  RfqUpdate,
  StockRow,
  Supplier,
  SupplierAlert,
  Transaction,
  Versioned,
  Webhook,
  WebhookWish,
} from './generated/schemas.ts'

/** What became of one item that was written. */
export type WriteResult = promised.Written['results'][number]
export type ChangeEvent = promised.Delivery['events'][number]

/** The kinds of record, by the last part of their path. */
export interface Kinds {
  inventory: promised.StockRow
  rfqs: promised.Rfq
  suppliers: promised.Supplier
  customers: promised.Customer
  transactions: promised.Transaction
}
export type Kind = keyof Kinds

/** Where the id of each kind stands. */
export const ID_FIELDS = {
  inventory: 'stockId',
  rfqs: 'rfqId',
  suppliers: 'supplierId',
  customers: 'customerId',
  transactions: 'transactionId',
} as const satisfies { [K in Kind]: keyof Kinds[K] }

/** What can be written, by the last part of its path. */
export interface Writes {
  'price-recommendations': promised.PriceRecommendation
  'supplier-alerts': promised.SupplierAlert
  'inventory-recommendations': promised.InventoryRecommendation
  'rfq-updates': promised.RfqUpdate
}
export type Write = keyof Writes

export interface C3Page<T> {
  items: T[]
  /** Null on the last page. */
  nextCursor: string | null
}

export const LIMITS = { page: 500, defaultPage: 100, ids: 100, items: 100, eventsPerDelivery: 100 } as const

export const API_KEY_HEADER = 'x-api-key'
export const WEBHOOK_HEADERS = { timestamp: 'x-c3-timestamp', signature: 'x-c3-signature' } as const
