/**
 * C3's own words, as `openapi.yaml` beside this file promises them. Client and simulator are both written against this page.
 *
 * RFQ: a request for quotation. Stock row: parts of one kind, place and lot. Instants are ISO 8601 texts, prices decimal texts.
 */

/** What every record carries. */
export interface Versioned {
  /** Rises with every change of the record. */
  version: number
  updatedAt: string
  deleted: boolean
}

export interface StockRow extends Versioned {
  stockId: string
  partNumber: string
  manufacturer: string
  description: string
  location: string
  quantityAvailable: number
  quantityReserved: number
  /** Four decimals. */
  costPerUnit: string
  /** ISO 4217. */
  currency: string
  dateCode: string | null
  lotCode: string | null
}

export const RFQ_STATUSES = ['NEW', 'QUOTED', 'ORDERED', 'LOST', 'LAPSED'] as const
export type RfqStatus = (typeof RFQ_STATUSES)[number]

export interface Rfq extends Versioned {
  rfqId: string
  rfqNumber: string
  quoteId: string | null
  customerId: string
  buyer: string | null
  /** One of RFQ_STATUSES today; a newer C3 may know more. */
  status: string
  currency: string
  /** Sum of the lines once all are quoted; four decimals. */
  total: string | null
  dueAt: string
  createdAt: string
  lines: RfqLine[]
}

export interface RfqLine {
  line: number
  partNumber: string
  manufacturer: string
  quantity: number
  targetPrice: string | null
  unitPrice: string | null
}

export interface Customer extends Versioned {
  customerId: string
  name: string
  domain: string | null
  phone: string | null
  city: string | null
  state: string | null
  country: string | null
}

/** The kinds of record, by the last part of their path. */
export interface Kinds {
  inventory: StockRow
  rfqs: Rfq
  customers: Customer
}
export type Kind = keyof Kinds

export interface C3Page<T> {
  items: T[]
  /** Null on the last page. */
  nextCursor: string | null
}

export interface ErrorBody {
  error: { code: string; message: string; requestId: string; permission?: string }
}

export const LIMITS = { page: 500, defaultPage: 100 } as const

export const API_KEY_HEADER = 'x-api-key'
