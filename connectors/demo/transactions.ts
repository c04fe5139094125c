import type { Business } from './business.ts'
import { part } from './parts.ts'
import { KIND, Rng, share } from './random.ts'
import { type DemoRfq, favouriteOf } from './rfqs.ts'
import { offersFor } from './suppliers.ts'

/** One line of a sale, a return or a purchase. */
export interface Trade {
  index: number
  transactionId: string
  kind: 'SALE' | 'RETURN' | 'PURCHASE'
  /** Index of the business that bought; null for a purchase of ours. */
  business: number | null
  supplierId: string | null
  /** The request for quotation and its line that led to it. */
  rfqId: string | null
  line: number | null
  stockId: string | null
  part: number
  quantity: number
  /** US dollars, four decimals. */
  unitPrice: string
  unitCost: string | null
  /** Epoch milliseconds. */
  at: number
}

const DAY_MS = 86_400_000
const TWO_YEARS = 730

const transactionIdOf = (index: number): string => `T-${7_000_000 + index}`

/** The month (0…11) in which a seasonal business buys most. */
export const peakMonthOf = (seed: number, buyer: number): number =>
  Math.floor(share(seed, KIND.transaction, buyer, 1) * 12)

/** How many days ago the order at `position` of `count` was made: by the story of the buyer. */
const daysAgo = (
  seed: number,
  buyer: Business,
  position: number,
  count: number,
  rng: Rng,
  anchor: number,
): number => {
  // Orders follow each other about evenly, as replenishing does.
  const even = ((position + 0.35 + rng.next() * 0.3) / Math.max(1, count)) * TWO_YEARS
  switch (buyer.story) {
    case 'growing':
      return TWO_YEARS * (even / TWO_YEARS) ** 2
    case 'shrinking':
      return TWO_YEARS * Math.sqrt(even / TWO_YEARS)
    case 'churned':
      return 200 + (even * (TWO_YEARS - 200)) / TWO_YEARS
    case 'seasonal': {
      // Three quarters of the orders lie within six weeks of the peak.
      if (rng.chance(0.25)) return even
      const peak = new Date(anchor)
      const months = (peak.getUTCMonth() - peakMonthOf(seed, buyer.index) + 12) % 12
      return months * 30.4 + 15 + (rng.next() - 0.5) * 45 + (position % 2) * 365
    }
    default:
      return even
  }
}

/** Makes an order that no request led to: the one at `position` of the `count` of a business. */
export const order = (
  seed: number,
  index: number,
  buyer: Business,
  { position, count, parts, anchor }: { position: number; count: number; parts: number; anchor: number },
): Trade => {
  const rng = new Rng(seed, KIND.transaction, index)
  const at = anchor - Math.round(Math.max(0.2, daysAgo(seed, buyer, position, count, rng, anchor)) * DAY_MS)
  const bought = part(seed, favouriteOf(seed, buyer.index, rng.next(), parts))
  const cost = Number(bought.unitCost)
  const size = 0.4 + Math.min(6, buyer.annualRevenue / 2e7)
  return {
    index,
    transactionId: transactionIdOf(index),
    kind: rng.chance(0.02) ? 'RETURN' : 'SALE',
    business: buyer.index,
    supplierId: null,
    rfqId: null,
    line: null,
    stockId: null,
    part: bought.index,
    quantity: Math.max(1, Math.round(size * (cost < 0.3 ? rng.int(5, 200) * 100 : rng.int(2, 120) * 5))),
    unitPrice: (cost * (1.18 + rng.next() * 0.3)).toFixed(4),
    unitCost: cost.toFixed(4),
    at,
  }
}

/** The sale that a won request led to, of one of its lines. */
export const soldOn = (seed: number, index: number, rfq: DemoRfq, line: number): Trade => {
  const asked = rfq.lines[line]!
  return {
    index,
    transactionId: transactionIdOf(index),
    kind: 'SALE',
    business: rfq.business,
    supplierId: null,
    rfqId: rfq.rfqId,
    line: asked.line,
    stockId: null,
    part: asked.part,
    quantity: asked.quantity,
    unitPrice: asked.unitPrice ?? '0.0000',
    unitCost: part(seed, asked.part).unitCost,
    at: rfq.modifiedAt,
  }
}

/** Makes a purchase: what fills the shelves. */
export const purchase = (seed: number, index: number, parts: number, anchor: number): Trade => {
  const rng = new Rng(seed, KIND.transaction, index, 3)
  const bought = part(seed, rng.int(0, parts - 1))
  const [offer] = offersFor(seed, bought, anchor)
  return {
    index,
    transactionId: transactionIdOf(index),
    kind: 'PURCHASE',
    business: null,
    supplierId: offer!.supplierId,
    rfqId: null,
    line: null,
    stockId: null,
    part: bought.index,
    quantity: Math.max(
      offer!.minimumQuantity,
      Number(bought.unitCost) < 0.3 ? rng.int(10, 400) * 100 : rng.int(1, 60) * 10,
    ),
    unitPrice: offer!.unitCost,
    unitCost: null,
    at: anchor - Math.round(rng.next() * TWO_YEARS * DAY_MS),
  }
}
