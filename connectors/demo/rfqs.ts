import type { Business } from './business.ts'
import { part } from './parts.ts'
import { KIND, Rng } from './random.ts'

/** A request for quotation: parts a customer of C3 wants a price for. */
export interface DemoRfq {
  index: number
  rfqId: string
  number: string
  /** Index of the business that asks. */
  business: number
  state: RfqState
  /** Set once a quote was made. */
  quoteId: string | null
  buyer: string
  /** Epoch milliseconds. */
  createdAt: number
  modifiedAt: number
  dueAt: number
  lines: DemoRfqLine[]
}

export const RFQ_STATES = ['open', 'quoted', 'won', 'lost', 'expired'] as const
export type RfqState = (typeof RFQ_STATES)[number]

export interface DemoRfqLine {
  line: number
  part: number
  partNumber: string
  manufacturer: string
  quantity: number
  /** US dollars, four decimals. */
  targetPrice: string | null
  /** Set once quoted. */
  unitPrice: string | null
}

const DAY_MS = 86_400_000

/** How far back, in days, an RFQ of a business lies: growing ones ask lately, churned ones long ago, seasonal ones in summer. */
const ageInDays = (buyer: Business, rng: Rng): number => {
  const draw = rng.next()
  switch (buyer.story) {
    case 'growing':
      return draw ** 2 * 240
    case 'shrinking':
      return 30 + draw * 400
    case 'churned':
      return 200 + draw * 300
    case 'seasonal':
      return Math.floor(draw * 2) * 365 + 90 + ((draw * 1e4) % 1) * 60
    default:
      return draw * 365
  }
}

/** Makes the RFQ at an index. `parts` is how many part numbers the universe has. */
export const rfq = (seed: number, index: number, buyer: Business, parts: number, anchor: number): DemoRfq => {
  const rng = new Rng(seed, KIND.rfq, index)
  const age = ageInDays(buyer, rng)
  const createdAt = Math.round(anchor - 3_600_000 - age * DAY_MS - rng.next() * DAY_MS)
  const state = stateOf(buyer, age, rng)
  const wellBought = buyer.story === 'growing' || buyer.story === 'steady'
  const count = Math.max(1, Math.round(rng.next() ** 2 * (wellBought ? 40 : 18)))
  const first = rng.int(0, parts - 1)
  return {
    index,
    rfqId: `R-${50_000 + index}`,
    number: `RFQ-${new Date(createdAt).getUTCFullYear()}-${String(index + 1).padStart(6, '0')}`,
    business: buyer.index,
    state,
    quoteId: state === 'open' || (state === 'expired' && rng.chance(0.5)) ? null : `Q-${80_000 + index}`,
    buyer: `Purchasing, ${buyer.name}`,
    createdAt,
    modifiedAt: Math.min(anchor - 600_000, createdAt + Math.round(rng.next() * Math.min(age, 20) * DAY_MS)),
    dueAt: createdAt + rng.int(5, 30) * DAY_MS,
    lines: Array.from({ length: count }, (_, i) => {
      const wanted = part(seed, (first + i * 11) % parts)
      const price = Number(wanted.unitCost)
      return {
        line: i + 1,
        part: wanted.index,
        partNumber: wanted.partNumber,
        manufacturer: wanted.manufacturer,
        quantity: price < 0.3 ? rng.int(5, 400) * 100 : rng.int(1, 200) * 5,
        targetPrice: rng.chance(0.6) ? (price * (1 + rng.next() * 0.3)).toFixed(4) : null,
        unitPrice: state === 'open' ? null : (price * (1.15 + rng.next() * 0.4)).toFixed(4),
      }
    }),
  }
}

const stateOf = (buyer: Business, age: number, rng: Rng): RfqState => {
  if (age < 12) return rng.chance(0.7) ? 'open' : 'quoted'
  if (age < 40)
    return rng.weighted([
      ['open', 2],
      ['quoted', 5],
      ['won', 3],
      ['lost', 1],
    ] as const)
  const loses = buyer.story === 'shrinking' || buyer.story === 'churned' || buyer.story === 'troubled'
  return rng.weighted([
    ['won', loses ? 2 : 5],
    ['lost', loses ? 6 : 2],
    ['expired', 3],
  ] as const)
}
