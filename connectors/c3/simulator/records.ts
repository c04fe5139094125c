import type { DemoRfq, RfqState, Universe } from '../../demo/index.ts'
import type {
  Customer,
  Kind,
  Kinds,
  Rfq,
  RfqStatus,
  StockRow,
  Supplier,
  Transaction,
  Versioned,
} from '../wire.ts'
import { type Place, Table } from './table.ts'

/** Everything one C3 holds, by kind. */
export type Tables = { [K in Kind]: Table<Kinds[K]> }

const iso = (at: number): string => new Date(at).toISOString()

/** Prices have four decimals: summed as whole ten-thousandths, so that no cent is lost. */
export const sum = (lines: readonly { quantity: number; unitPrice: string | null }[]): string | null => {
  let total = 0n
  for (const { quantity, unitPrice } of lines) {
    if (unitPrice === null) return null
    const [whole = '0', fraction = ''] = unitPrice.split('.')
    total += BigInt(whole + fraction.padEnd(4, '0').slice(0, 4)) * BigInt(quantity)
  }
  const digits = total.toString().padStart(5, '0')
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`
}

const STATUS: Record<RfqState, RfqStatus> = {
  open: 'NEW',
  quoted: 'QUOTED',
  won: 'ORDERED',
  lost: 'LOST',
  expired: 'LAPSED',
}

/** The demo world as C3 has it on file. */
export const tablesOf = (universe: Universe): Tables => ({
  inventory: table(
    universe.stockRows,
    (row) => row.stockId,
    (index) => stockRow(universe, index),
    (index) => {
      const { countedAt, stockId } = universe.stockRow(index)
      return { at: countedAt, id: stockId }
    },
  ),
  rfqs: table(
    universe.rfqs,
    (each) => each.rfqId,
    (index) => rfq(universe, universe.rfq(index)),
  ),
  suppliers: table(
    universe.suppliers,
    (each) => each.supplierId,
    (index) => supplier(universe, index),
  ),
  customers: table(
    universe.inC3.length,
    (each) => each.customerId,
    (index) => customer(universe, universe.inC3[index]!),
  ),
  transactions: table(
    universe.transactions,
    (each) => each.transactionId,
    (index) => transaction(universe, index),
    (index) => {
      const { at, transactionId } = universe.transaction(index)
      return { at, id: transactionId }
    },
  ),
})

/** @param place a cheaper way to say where a record lies than to make it */
const table = <T extends Versioned>(
  count: number,
  idOf: (record: T) => string,
  make: (index: number) => T,
  place = (index: number): Place => {
    const record = make(index)
    return { at: Date.parse(record.updatedAt), id: idOf(record) }
  },
): Table<T> => new Table<T>({ count, place, make }, idOf)

const stockRow = (universe: Universe, index: number): StockRow => {
  const row = universe.stockRow(index)
  const part = universe.part(row.part)
  return {
    stockId: row.stockId,
    partNumber: part.partNumber,
    manufacturer: part.manufacturer,
    description: part.description,
    category: part.category,
    family: part.family,
    package: part.package,
    lifecycle: part.lifecycle,
    parameters: part.parameters,
    location: row.location,
    quantityAvailable: row.available,
    quantityReserved: row.reserved,
    costPerUnit: row.costPerUnit,
    currency: 'USD',
    dateCode: row.dateCode,
    lotCode: row.lotCode,
    receivedOn: iso(row.receivedAt).slice(0, 10),
    priceBreaks: row.priceBreaks,
    sources: universe.offersFor(part).map(({ supplierId, leadTimeDays, unitCost, minimumQuantity }) => ({
      supplierId,
      leadTimeDays,
      unitCost,
      minimumQuantity,
    })),
    version: 1,
    updatedAt: iso(row.countedAt),
    deleted: false,
  }
}

const rfq = (universe: Universe, from: DemoRfq): Rfq => {
  const lines = from.lines.map(({ line, partNumber, manufacturer, quantity, targetPrice, unitPrice }) => ({
    line,
    partNumber,
    manufacturer,
    quantity,
    targetPrice,
    unitPrice,
  }))
  return {
    rfqId: from.rfqId,
    rfqNumber: from.number,
    quoteId: from.quoteId,
    customerId: universe.c3CustomerId(from.business) ?? '',
    buyer: from.buyer,
    status: STATUS[from.state],
    currency: 'USD',
    total: sum(lines),
    note: null,
    dueAt: iso(from.dueAt),
    createdAt: iso(from.createdAt),
    lines,
    reservations: [],
    version: 1,
    updatedAt: iso(from.modifiedAt),
    deleted: false,
  }
}

// Accounts are opened when we hear of a business and rarely touched after.
const customerChangedAt = (universe: Universe, index: number): number => universe.business(index).knownSince

const customer = (universe: Universe, index: number): Customer => {
  const business = universe.business(index)
  const face = universe.face(business, 'c3')
  return {
    customerId: universe.c3CustomerId(index) ?? '',
    name: face.name,
    domain: face.domain,
    phone: face.phone,
    city: business.city,
    state: business.state,
    country: business.country,
    version: 1,
    updatedAt: iso(customerChangedAt(universe, index)),
    deleted: false,
  }
}

const supplier = (universe: Universe, index: number): Supplier => {
  const { supplierId, name, country, leadTimeDays, onTime, isApproved, modifiedAt } = universe.supplier(index)
  return {
    supplierId,
    name,
    country,
    leadTimeDays,
    onTime,
    isApproved,
    version: 1,
    updatedAt: iso(modifiedAt),
    deleted: false,
  }
}

const transaction = (universe: Universe, index: number): Transaction => {
  const trade = universe.transaction(index)
  const { partNumber, manufacturer } = universe.part(trade.part)
  const { transactionId, kind, supplierId, rfqId, line, stockId, quantity, unitPrice, unitCost } = trade
  return {
    transactionId,
    kind,
    customerId: trade.business === null ? null : universe.c3CustomerId(trade.business),
    supplierId,
    rfqId,
    line,
    stockId,
    partNumber,
    manufacturer,
    quantity,
    unitPrice,
    unitCost,
    currency: 'USD',
    at: iso(trade.at),
    version: 1,
    updatedAt: iso(trade.at),
    deleted: false,
  }
}
