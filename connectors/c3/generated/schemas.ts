// Made by connectors/c3/generate.ts from openapi.yaml. Do not edit.

export type Entity = 'inventory' | 'rfqs' | 'suppliers' | 'customers' | 'transactions'
export type Money = string
/**
 * ISO 4217.
 */
export type Currency = string
export type Share = number
export type StockRow = Versioned & {
  stockId: string
  partNumber: string
  manufacturer: string
  description: string
  category: string | null
  family: string | null
  package: string | null
  lifecycle: 'ACTIVE' | 'NOT_FOR_NEW_DESIGNS' | 'LAST_TIME_BUY' | 'OBSOLETE'
  parameters: Parameter[]
  location: string
  /**
   * How many lie there, reserved ones included.
   */
  quantityAvailable: number
  quantityReserved: number
  costPerUnit: Money
  currency: Currency
  dateCode: string | null
  lotCode: string | null
  receivedOn: string | null
  priceBreaks: PriceBreak[]
  sources: Source[]
}
export type RfqStatus = 'NEW' | 'QUOTED' | 'ORDERED' | 'LOST' | 'LAPSED'
export type Rfq = Versioned & {
  rfqId: string
  rfqNumber: string
  quoteId: string | null
  customerId: string
  buyer: string | null
  status: RfqStatus
  currency: Currency
  /**
   * Sum of the lines once all are quoted.
   */
  total: Money | null
  /**
   * What colleagues should know.
   */
  note: string | null
  dueAt: string
  createdAt: string
  lines: RfqLine[]
  /**
   * What this caller holds for it.
   */
  reservations: Reservation[]
}
export type Supplier = Versioned & {
  supplierId: string
  name: string
  country: string | null
  /**
   * How long a delivery takes as a rule.
   */
  leadTimeDays: number
  /**
   * Share of deliveries that came when promised.
   */
  onTime: Share | null
  isApproved: boolean
}
export type Customer = Versioned & {
  customerId: string
  name: string
  domain: string | null
  phone: string | null
  city: string | null
  state: string | null
  country: string | null
}
export type Transaction = Versioned & {
  transactionId: string
  kind: 'SALE' | 'RETURN' | 'PURCHASE'
  /**
   * Of a sale or return.
   */
  customerId: string | null
  /**
   * Of a purchase.
   */
  supplierId: string | null
  rfqId: string | null
  /**
   * Of the request for quotation.
   */
  line: number | null
  stockId: string | null
  partNumber: string
  manufacturer: string
  quantity: number
  unitPrice: Money
  unitCost: Money | null
  currency: Currency
  at: string
}
export type Key = string
export type PriceRecommendation = SuggestedPrice | SuggestedAlternative

export interface Account {
  accountId: string
  name: string
  apiVersion: string
  /**
   * Where its nights are, such as America/Denver.
   */
  timeZone: string
  /**
   * Items: Such as rfqs:read or rfqs:write.
   */
  permissions: string[]
  limits: {
    requests: number
    seconds: number
  }
  webhookEntities: Entity[]
}
export interface Page {
  items: unknown[]
  /**
   * Null on the last page.
   */
  nextCursor: string | null
}
export interface Versioned {
  /**
   * Rises with every change of the record.
   */
  version: number
  updatedAt: string
  deleted: boolean
}
export interface Parameter {
  /**
   * Such as flash, voltage or package.
   */
  name: string
  value: string
  /**
   * Such as KB or V. Null where the value is a word.
   */
  unit: string | null
}
export interface PriceBreak {
  /**
   * From this many on.
   */
  quantity: number
  unitPrice: Money
}
/**
 * A supplier that offers the part.
 */
export interface Source {
  supplierId: string
  leadTimeDays: number
  unitCost: Money
  minimumQuantity: number
}
export interface RfqLine {
  line: number
  /**
   * As the customer wrote it.
   */
  partNumber: string
  /**
   * Empty when the customer named none.
   */
  manufacturer: string
  quantity: number
  targetPrice: Money | null
  unitPrice: Money | null
}
export interface Reservation {
  stockId: string
  quantity: number
}
export interface SuggestedPrice {
  key: Key
  kind: 'pricing'
  rfqId: string
  line: number | null
  partNumber: string
  unitPrice: Money
  low: Money
  high: Money
  currency: Currency
  confidence: Share
  reasoning: string
}
export interface SuggestedAlternative {
  key: Key
  kind: 'alternative'
  rfqId: string
  line: number | null
  partNumber: string
  alternativePartNumber: string
  alternativeManufacturer: string
  /**
   * Per piece; below nought where it costs more.
   */
  saving: string
  currency: Currency
  confidence: Share
  reasoning: string
}
export interface SupplierAlert {
  key: Key
  kind: 'SHORTAGE' | 'SINGLE_SOURCE' | 'END_OF_LIFE' | 'LATE_SUPPLIER'
  severity: 'LOW' | 'MEDIUM' | 'HIGH'
  partNumber: string | null
  manufacturer: string | null
  supplierId: string | null
  message: string
  at: string
}
export interface InventoryRecommendation {
  key: Key
  partNumber: string
  manufacturer: string
  /**
   * Null for all places together.
   */
  location: string | null
  reorderPoint: number
  orderQuantity: number
  serviceLevel: Share
  confidence: Share
  reasoning: string
}
export interface RfqUpdate {
  key: Key
  rfqId: string
  baseVersion?: number
  status?: RfqStatus
  buyer?: string | null
  note?: string | null
  dueAt?: string
  /**
   * Prices of lines. Lines that are not named stay.
   *
   * @minItems 1
   */
  lines?: {
    line: number
    unitPrice: Money | null
  }[]
  /**
   * How much of which stock rows is held for this request by this caller. Rows that are not named stay; nought gives one back.
   */
  reservations?: Reservation[]
}
export interface Written {
  results: {
    key: string
    /**
     * UNCHANGED when the key had been seen with this content.
     */
    outcome: 'DONE' | 'UNCHANGED' | 'REFUSED'
    /**
     * Of what was made or changed. Null when refused.
     */
    id: string | null
    /**
     * Of the request for quotation as it is now, also when STALE.
     */
    version: number | null
    updatedAt: string | null
    code:
      | 'STALE'
      | 'NOT_FOUND'
      | 'DELETED'
      | 'INVALID'
      | 'KEY_REUSED'
      | 'STATUS_NOT_ALLOWED'
      | 'NOT_ENOUGH_STOCK'
      | null
    message: string | null
  }[]
}
export interface WebhookWish {
  url: string
  /**
   * Never given back.
   */
  secret: string
  /**
   * @minItems 1
   */
  entities: Entity[]
}
export interface Webhook {
  url: string
  entities: Entity[]
  /**
   * False once it was answered 410.
   */
  isActive: boolean
  since: string
}
export interface Delivery {
  /**
   * Stays the same when it is posted again.
   */
  deliveryId: string
  accountId: string
  attempt: number
  /**
   * @minItems 1
   * @maxItems 100
   */
  events: {
    eventId: string
    entity: Entity
    id: string
    version: number
    kind: 'CHANGED' | 'DELETED'
    occurredAt: string
  }[]
}
export interface Error {
  error: {
    code:
      | 'INVALID_API_KEY'
      | 'MISSING_PERMISSION'
      | 'INVALID_PARAMETER'
      | 'INVALID_CURSOR'
      | 'INVALID_BODY'
      | 'TOO_LARGE'
      | 'NOT_FOUND'
      | 'RATE_LIMITED'
      | 'INTERNAL'
    message: string
    requestId: string
    /**
     * With MISSING_PERMISSION: what the key lacks, such as rfqs:read.
     */
    permission?: string
  }
}
