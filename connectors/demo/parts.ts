import { type Axis, FAMILIES, type Family } from './part-families.ts'
import { KIND, Rng, share } from './random.ts'

/** A component that can be asked for and be in stock. */
export interface Part {
  index: number
  partNumber: string
  manufacturer: string
  category: string
  family: string
  package: string
  description: string
  lifecycle: Lifecycle
  parameters: PartParameter[]
  /** US dollars, four decimals. */
  unitCost: string
}

export interface PartParameter {
  name: string
  value: string
  unit: string | null
}

export type Lifecycle = 'ACTIVE' | 'NOT_FOR_NEW_DESIGNS' | 'LAST_TIME_BUY' | 'OBSOLETE'

const axesOf = ({ scheme }: Family): Axis[] => scheme.filter((piece) => typeof piece !== 'string')
const product = (axes: readonly Axis[]): number => axes.reduce((all, { values }) => all * values.length, 1)

const SPACES = FAMILIES.map((family) => {
  const axes = axesOf(family)
  const relatives = product(axes.filter(({ isVariant }) => isVariant))
  // So many relatives follow each other before the next cluster, so that also a small world has parts that can stand in for others.
  const together = [6, 5, 4, 3, 2, 1].find((count) => relatives % count === 0)!
  return { family, axes, relatives, together, clusters: product(axes) / relatives }
})
type Space = (typeof SPACES)[number]

/** How many different part numbers there are. */
export const PART_NUMBERS =
  Math.min(...SPACES.map(({ relatives, clusters }) => relatives * clusters)) * FAMILIES.length

/** How many families there are: the parts of one lie this many apart. */
export const PART_FAMILIES = FAMILIES.length

/** Which cluster a turn of a family falls in: they lie scattered over the family. */
const clusterOf = ({ together, clusters }: Space, turn: number): number =>
  ((Math.floor(turn / together) % clusters) * strideOf(clusters)) % clusters

/** The values of a part in each axis; relatives lie beside each other. */
const choices = (space: Space, turn: number): Map<Axis, readonly [string, string]> => {
  const { axes, relatives, clusters, together } = space
  // The first blocks take a cluster each; when all are begun, the next round takes their further relatives.
  const round = Math.floor(Math.floor(turn / together) / clusters)
  let cluster = clusterOf(space, turn)
  let relative = (round * together + (turn % together)) % relatives
  const chosen = new Map<Axis, readonly [string, string]>()
  for (const axis of axes) {
    const { length } = axis.values
    const place = axis.isVariant ? relative % length : cluster % length
    if (axis.isVariant) relative = Math.floor(relative / length)
    else cluster = Math.floor(cluster / length)
    chosen.set(axis, axis.values[place]!)
  }
  return chosen
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
const strides = new Map<number, number>()
const strideOf = (size: number): number => {
  let stride = strides.get(size)
  if (stride === undefined) {
    stride = Math.max(1, Math.floor(size * 0.6180339887))
    while (gcd(stride, size) !== 1) stride += 1
    strides.set(size, stride)
  }
  return stride
}

// The same parts are asked for again and again: those made last are kept, some twenty megabytes at most.
const KEPT = 20_000
const kept = { seed: Number.NaN, parts: new Map<number, Part>() }

/** The part at an index; families take turns. It is shared: not to be changed. */
export const part = (seed: number, index: number): Part => {
  if (kept.seed !== seed || kept.parts.size >= KEPT) {
    kept.seed = seed
    kept.parts.clear()
  }
  const known = kept.parts.get(index)
  if (known) return known
  const made = make(seed, index)
  kept.parts.set(index, made)
  return made
}

const make = (seed: number, index: number): Part => {
  const space = SPACES[index % SPACES.length]!
  const { family } = space
  const turn = Math.floor(index / SPACES.length)
  const chosen = choices(space, turn)
  // Relatives cost about the same.
  const dear = share(seed, KIND.part, clusterOf(space, turn) * SPACES.length + (index % SPACES.length), 2)
  const other = 0.85 + share(seed, KIND.part, index) * 0.3
  const parameters = [...chosen].flatMap(([{ name, unit }, [, value]]) =>
    name === null ? [] : [{ name, value, unit: unit && !Number.isNaN(Number(value)) ? unit : null }],
  )
  const [low, high] = family.cost
  return {
    index,
    partNumber: family.scheme
      .map((piece) => (typeof piece === 'string' ? piece : chosen.get(piece)![0]))
      .join(''),
    manufacturer: family.manufacturer,
    category: family.category,
    family: family.family,
    package: parameters.find(({ name }) => name === 'package')?.value ?? 'PTH',
    description: family.description,
    lifecycle: lifecycleOf(share(seed, KIND.part, index, 1)),
    parameters,
    unitCost: ((low + dear * (high - low)) * other).toFixed(4),
  }
}

const lifecycleOf = (draw: number): Lifecycle =>
  draw < 0.9 ? 'ACTIVE' : draw < 0.95 ? 'NOT_FOR_NEW_DESIGNS' : draw < 0.98 ? 'LAST_TIME_BUY' : 'OBSOLETE'

/** One lot of a part on one shelf. */
export interface StockRow {
  index: number
  stockId: string
  part: number
  location: string
  /** Reserved ones included. */
  available: number
  reserved: number
  /** US dollars, four decimals. */
  costPerUnit: string
  /** What one is sold for, from so many on; four decimals. */
  priceBreaks: { quantity: number; unitPrice: string }[]
  /** Year and week, such as 2540. */
  dateCode: string
  lotCode: string
  /** Epoch milliseconds. */
  receivedAt: number
  countedAt: number
}

const SITES = ['DEN', 'AUS', 'CHI', 'BOS', 'SJC'] as const
const DAY_MS = 86_400_000

/** Makes the stock row at an index. */
export const stockRow = (seed: number, index: number, parts: number, anchor: number): StockRow => {
  const rng = new Rng(seed, KIND.stock, index)
  const held = part(seed, index % parts)
  const cheap = Number(held.unitCost) < 0.3
  const available = rng.chance(0.07) ? 0 : Math.floor(rng.next() ** 2 * (cheap ? 200_000 : 6_000))
  const cost = Number(held.unitCost) * (0.85 + rng.next() * 0.4)
  const receivedAt = anchor - Math.round(DAY_MS * (3 + rng.next() ** 2 * 700))
  const received = new Date(receivedAt - 40 * DAY_MS)
  return {
    index,
    stockId: `S-${100_000 + index}`,
    part: held.index,
    location: `${rng.pick(SITES)}-${String.fromCharCode(65 + rng.int(0, 7))}${rng.int(1, 40)}`,
    available,
    reserved: Math.floor(available * rng.next() * 0.4),
    costPerUnit: cost.toFixed(4),
    priceBreaks: [1, 100, 1000].map((step, i) => ({
      quantity: cheap ? step * 100 : step,
      unitPrice: (cost * (1.55 - i * 0.12)).toFixed(4),
    })),
    // Made some weeks before it came.
    dateCode: `${received.getUTCFullYear() % 100}${String(1 + Math.floor(dayOfYear(received) / 7)).padStart(2, '0')}`,
    lotCode: `L${rng.int(100_000, 999_999)}${String.fromCharCode(65 + rng.int(0, 25))}`,
    receivedAt,
    countedAt: Math.max(receivedAt, anchor - Math.round(rng.next() * 45 * DAY_MS)),
  }
}

const dayOfYear = (at: Date): number =>
  Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / DAY_MS)
