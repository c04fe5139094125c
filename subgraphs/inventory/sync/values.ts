import type { Customer, Kind, Kinds, Rfq, StockRow, Supplier, Transaction } from '#connectors/c3/index.ts'
import type { Values } from '#sync/values.ts'
import { splitRfq } from '../domain/rfq-fields.ts'

/** What a stock row says of its part, as it is kept: what several rows of a part say need not be the same. */
export interface ToldPart {
  description: string
  category: string | null
  family: string | null
  package: string | null
  lifecycle: string
  parameters: StockRow['parameters']
  sources: StockRow['sources']
}

const stock = (row: StockRow): Values => {
  const { description, category, family, package: housing, lifecycle, parameters, sources } = row
  const part: ToldPart = { description, category, family, package: housing, lifecycle, parameters, sources }
  return {
    partNumber: row.partNumber,
    manufacturer: row.manufacturer,
    // What has parts of its own changes as a whole: C3 gives none of them an id.
    part: JSON.stringify(part),
    location: row.location,
    quantityAvailable: row.quantityAvailable,
    quantityReserved: row.quantityReserved,
    costPerUnit: row.costPerUnit,
    currency: row.currency,
    dateCode: row.dateCode,
    lotCode: row.lotCode,
    receivedOn: row.receivedOn,
    priceBreaks: JSON.stringify(row.priceBreaks),
  }
}

const rfq = (each: Rfq): Values => ({
  customerId: each.customerId,
  number: each.rfqNumber,
  quoteId: each.quoteId,
  status: each.status,
  buyer: each.buyer,
  note: each.note,
  total: each.total,
  currency: each.currency,
  dueAt: each.dueAt,
  createdAt: each.createdAt,
  lineCount: each.lines.length,
  ...splitRfq(each.lines, each.reservations),
})

const customer = ({ name, domain, phone, city, country }: Customer): Values => ({
  name,
  domain,
  phone,
  city,
  country,
})

const supplier = ({ name, country, leadTimeDays, onTime, isApproved }: Supplier): Values => ({
  name,
  country,
  leadTimeDays,
  onTime,
  isApproved,
})

const transaction = (each: Transaction): Values => ({
  kind: each.kind,
  customerId: each.customerId,
  supplierId: each.supplierId,
  rfqId: each.rfqId,
  line: each.line,
  stockId: each.stockId,
  partNumber: each.partNumber,
  manufacturer: each.manufacturer,
  quantity: each.quantity,
  unitPrice: each.unitPrice,
  unitCost: each.unitCost,
  currency: each.currency,
  at: each.at,
})

/** C3's records in the field names that comparing, applying and policies use. */
export const valuesOf: { [K in Kind]: (record: Kinds[K]) => Values } = {
  inventory: stock,
  rfqs: rfq,
  suppliers: supplier,
  customers: customer,
  transactions: transaction,
}
