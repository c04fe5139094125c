import type { DemoRfq, RfqState, Universe } from '../../demo/index.ts'
import type { Customer, Rfq, RfqStatus, StockRow } from '../wire.ts'
import { Table } from './table.ts'

/** Everything one C3 holds. */
export interface Tables {
  inventory: Table<StockRow>
  rfqs: Table<Rfq>
  customers: Table<Customer>
}

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
  inventory: new Table<StockRow>(
    {
      count: universe.stockRows,
      place: (index) => {
        const { countedAt, stockId } = universe.stockRow(index)
        return { at: countedAt, id: stockId }
      },
      make: (index) => stockRow(universe, index),
    },
    (row) => row.stockId,
  ),
  rfqs: new Table<Rfq>(
    {
      count: universe.rfqs,
      place: (index) => {
        const { modifiedAt, rfqId } = universe.rfq(index)
        return { at: modifiedAt, id: rfqId }
      },
      make: (index) => rfq(universe, universe.rfq(index)),
    },
    (each) => each.rfqId,
  ),
  customers: new Table<Customer>(
    {
      count: universe.inC3.length,
      place: (index) => {
        const of = universe.inC3[index]!
        return { at: customerChangedAt(universe, of), id: universe.c3CustomerId(of)! }
      },
      make: (index) => customer(universe, universe.inC3[index]!),
    },
    (each) => each.customerId,
  ),
})

const stockRow = (universe: Universe, index: number): StockRow => {
  const row = universe.stockRow(index)
  const part = universe.part(row.part)
  return {
    stockId: row.stockId,
    partNumber: row.partNumber,
    manufacturer: part.manufacturer,
    description: part.description,
    location: row.location,
    quantityAvailable: row.available,
    quantityReserved: row.reserved,
    costPerUnit: row.costPerUnit,
    currency: 'USD',
    dateCode: row.dateCode,
    lotCode: row.lotCode,
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
    dueAt: iso(from.dueAt),
    createdAt: iso(from.createdAt),
    lines,
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
