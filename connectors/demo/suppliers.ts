import { PART_FAMILIES } from './parts.ts'
import { KIND, Rng, share } from './random.ts'

/** Somebody parts are bought from. */
export interface Supplier {
  index: number
  supplierId: string
  name: string
  country: string
  /** How long a delivery takes as a rule. */
  leadTimeDays: number
  /** Share of deliveries that came when promised; null for a new one. */
  onTime: number | null
  isApproved: boolean
  /** Epoch milliseconds. */
  modifiedAt: number
}

/** What a supplier offers for a part. */
export interface Offer {
  supplier: number
  supplierId: string
  leadTimeDays: number
  /** US dollars, four decimals. */
  unitCost: string
  minimumQuantity: number
}

const HEADS = ['Northline', 'Calder', 'Meridian', 'Pinewood', 'Astra', 'Kestrel', 'Halden', 'Orchid'] as const
const TAILS = ['Components', 'Electronics', 'Semiconductor Supply'] as const
const COUNTRIES = ['United States', 'Germany', 'Taiwan', 'Japan', 'Netherlands', 'Singapore'] as const
const DAY_MS = 86_400_000

/** How many suppliers there are. */
export const SUPPLIERS = HEADS.length * TAILS.length

const supplierIdOf = (index: number): string => `V-${300 + index * 7}`

/** Makes the supplier at an index. Every eighth is often late, every eleventh is not approved. */
export const supplier = (seed: number, index: number, anchor: number): Supplier => {
  const rng = new Rng(seed, KIND.supplier, index)
  const late = index % 8 === 5
  return {
    index,
    supplierId: supplierIdOf(index),
    name: `${HEADS[index % HEADS.length]} ${TAILS[Math.floor(index / HEADS.length)]}`,
    country: rng.pick(COUNTRIES),
    leadTimeDays: rng.int(2, late ? 16 : 10) * 7,
    onTime:
      index === 9 ? null : Number((late ? 0.5 + rng.next() * 0.2 : 0.86 + rng.next() * 0.13).toFixed(2)),
    isApproved: index % 11 !== 10,
    modifiedAt: anchor - Math.round(rng.next() * 300 * DAY_MS),
  }
}

/** Who offers a part, cheapest first: one to four suppliers; one part in eight has a single source. */
export const offersFor = (
  seed: number,
  part: { index: number; unitCost: string },
  anchor: number,
): Offer[] => {
  const rng = new Rng(seed, KIND.supplier, part.index, 1)
  const count = rng.chance(0.125) ? 1 : rng.int(2, 4)
  // Whoever carries a family carries all of it.
  const first = Math.floor(share(seed, KIND.supplier, part.index % PART_FAMILIES, 2) * SUPPLIERS)
  return Array.from({ length: count }, (_, i) => {
    const from = supplier(seed, (first + i * 5) % SUPPLIERS, anchor)
    return {
      supplier: from.index,
      supplierId: from.supplierId,
      leadTimeDays: Math.max(3, from.leadTimeDays + rng.int(-5, 9)),
      unitCost: (Number(part.unitCost) * (0.8 + rng.next() * 0.25)).toFixed(4),
      minimumQuantity: Number(part.unitCost) < 0.3 ? 1_000 : rng.pick([1, 10, 50]),
    }
  }).sort((a, b) => Number(a.unitCost) - Number(b.unitCost))
}
