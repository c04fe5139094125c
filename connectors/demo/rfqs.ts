import type { Business } from './business.ts'
import { PART_FAMILIES, part } from './parts.ts'
import { hash, KIND, Rng } from './random.ts'

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
  /** Index of the part that is meant. */
  part: number
  /** As the customer wrote it: not always as the maker does. */
  partNumber: string
  /** Empty when the customer named none. */
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
  const markup = 1.1 + rng.next() * 0.5
  const state = stateOf(buyer, age, markup, rng)
  const wellBought = buyer.story === 'growing' || buyer.story === 'steady'
  const count = Math.max(1, Math.round(rng.next() ** 2 * (wellBought ? 40 : 18)))
  const first = favouriteOf(seed, buyer.index, rng.next(), parts)
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
      const wanted = part(seed, (first + i * (i % 3 === 0 ? PART_FAMILIES : 11)) % parts)
      const price = Number(wanted.unitCost)
      return {
        line: i + 1,
        part: wanted.index,
        partNumber: asWritten(wanted.partNumber, rng.next()),
        manufacturer: rng.chance(0.1) ? '' : wanted.manufacturer,
        quantity: price < 0.3 ? rng.int(5, 400) * 100 : rng.int(1, 200) * 5,
        targetPrice: rng.chance(0.6) ? (price * (1 + rng.next() * 0.3)).toFixed(4) : null,
        unitPrice: state === 'open' ? null : (price * markup * (0.97 + rng.next() * 0.06)).toFixed(4),
      }
    }),
  }
}

const stateOf = (buyer: Business, age: number, markup: number, rng: Rng): RfqState => {
  if (age < 12) return rng.chance(0.7) ? 'open' : 'quoted'
  const draw = rng.next()
  if (age < 40 && draw < 0.6) return draw < 0.15 ? 'open' : 'quoted'
  if (draw > 0.8) return 'expired'
  return rng.chance(chanceToWin(buyer, markup)) ? 'won' : 'lost'
}

/**
 * How probable it is that a quote is taken, by its markup over cost: a logistic curve about what the buyer thinks fair, so that
 * whoever looks at many quotes can find out what that is.
 */
export const chanceToWin = ({ story }: Pick<Business, 'story'>, markup: number): number => {
  const leaves = story === 'shrinking' || story === 'churned' || story === 'troubled'
  return 1 / (1 + Math.exp(12 * (markup - (leaves ? 1.22 : 1.4))))
}

/** Most of what a business asks for is of two families; `draw` says which this time. */
export const favouriteOf = (seed: number, buyer: number, draw: number, parts: number): number => {
  const favourite = hash(seed, KIND.rfq, buyer, 1) % PART_FAMILIES
  const second = hash(seed, KIND.rfq, buyer, 2) % PART_FAMILIES
  const family = draw < 0.6 ? favourite : draw < 0.85 ? second : Math.floor(draw * 997) % PART_FAMILIES
  const turn = Math.floor(((draw * 7919) % 1) * Math.floor(parts / PART_FAMILIES))
  return (turn * PART_FAMILIES + family) % parts
}

// One customer in eight writes as it comes: small letters, spaces for dashes, without what only says how it is packed.
const asWritten = (partNumber: string, draw: number): string => {
  if (draw > 0.12) return partNumber
  if (draw > 0.08) return partNumber.toLowerCase()
  if (draw > 0.04) return partNumber.replace(/[-,#/]/, ' ')
  return partNumber.replace(/(TR|#PBF|#TRPBF|,\d{3})$/, '')
}
