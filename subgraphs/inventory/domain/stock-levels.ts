/**
 * When to order a part again, and how much, so that it is on the shelf as often as is wanted.
 *
 * Orders of parts come rarely and in lots: the demand of a lead time is a compound sum, not a bell curve. How many orders come is Poisson
 * with a rate that is itself uncertain, so negative binomial (a gamma posterior over what was seen); how large they are is what was seen.
 * The distribution of the sum is exact by Panjer's recursion (H. Panjer, "Recursive evaluation of a family of compound
 * distributions", ASTIN Bulletin 12, 1981). When the reorder point is passed, the last order has carried the stock below it: that
 * undershoot has the density P(S > u) / E[S] of renewal theory, and counts as well. The reorder point is the quantile of both together.
 */

/** What is known of a part's demand and supply. */
export interface DemandHistory {
  /** Pieces of each order, of the time that is looked at. */
  orders: readonly number[]
  /** How many days that time has. */
  days: number
}

/** How long a delivery may take, with what chance. */
export type LeadTimes = readonly { days: number; chance: number }[]

export interface StockAdvice {
  /** Order when so many or fewer are free. */
  reorderPoint: number
  /** How many to order then. */
  orderQuantity: number
  /** Pieces a day. */
  demandPerDay: number
  /** 0–100: in so many of a hundred cases what is really sold a day is within a quarter of `demandPerDay`. */
  confidence: number
}

const BUCKETS = 240
const SMALLEST_ORDERS = 4

/** Chances of sums of orders, by size in steps: `chances[i]` is that of i · step. */
interface Sizes {
  step: number
  chances: number[]
}

/**
 * Sizes of orders in steps, each split between the steps beside it so that their mean stays exact. The next order is larger than all
 * before it in one of n + 1 cases: that one is taken to be a fifth larger than the largest.
 */
const inSteps = (seen: readonly number[]): Sizes => {
  const largest = Math.max(...seen)
  const orders = [...seen, largest * 1.2]
  const step = Math.max(1, (largest * 1.2) / BUCKETS)
  const chances = Array<number>(Math.ceil((largest * 1.2) / step) + 2).fill(0)
  for (const size of orders) {
    const place = size / step
    const low = Math.floor(place)
    chances[low]! += (1 - (place - low)) / orders.length
    chances[low + 1]! += (place - low) / orders.length
  }
  return { step, chances }
}

/**
 * The distribution of the sum of a negative binomial number of orders: shape `r`, and odds `β` for each.
 * Panjer's (a, b, 0) class with a = β/(1+β), b = (r − 1) β/(1+β).
 */
const compound = (sizes: readonly number[], r: number, beta: number, length: number): number[] => {
  const a = beta / (1 + beta)
  const b = (r - 1) * a
  // Orders of nought pieces, which splitting can leave, are taken out of the rate.
  const none = sizes[0] ?? 0
  const g = Array<number>(length).fill(0)
  g[0] = ((1 - a) / (1 - a * none)) ** r
  const scale = 1 / (1 - a * none)
  for (let s = 1; s < length; s += 1) {
    let sum = 0
    for (let j = 1; j <= Math.min(s, sizes.length - 1); j += 1)
      sum += (a + (b * j) / s) * sizes[j]! * g[s - j]!
    g[s] = scale * sum
  }
  return g
}

/** How far an order carries the stock below the reorder point. */
const undershoot = ({ chances }: Sizes): number[] => {
  let above = 1
  const mean = chances.reduce((sum, chance, size) => sum + chance * size, 0)
  return chances.map((chance) => {
    above -= chance
    return Math.max(0, above) / mean
  })
}

const convolve = (one: readonly number[], other: readonly number[], length: number): number[] => {
  const sum = Array<number>(length).fill(0)
  one.forEach((p, i) => {
    if (p > 0) for (let j = 0; j < other.length && i + j < length; j += 1) sum[i + j]! += p * other[j]!
  })
  return sum
}

/** How near to what was seen the real demand has to be for whoever plans by it. */
const NEAR = 0.25

/** The chance that a normal number is less than so many deviations off (M. Abramowitz & I. Stegun, 7.1.26; right to 1.5 · 10⁻⁷). */
const chanceWithin = (deviations: number): number => {
  const x = deviations / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
  return 1 - sum * Math.exp(-x * x)
}

/** What was sold in all is a compound Poisson sum: it varies by √((1 + cv²) / n) of itself, where cv is how far orders vary by their mean. */
const confidenceOf = (orders: readonly number[], mean: number): number => {
  const variance = orders.reduce((sum, size) => sum + (size - mean) ** 2, 0) / (orders.length - 1)
  const deviation = Math.sqrt((1 + variance / mean ** 2) / orders.length)
  return Math.round(100 * chanceWithin(NEAR / deviation))
}

/**
 * The chance, from 0 to 1, that more is asked for until a delivery comes than there is.
 * @param free pieces that can be promised
 */
export const chanceToRunOut = (
  { orders, days }: DemandHistory,
  leadTimes: LeadTimes,
  free: number,
): number => {
  const sound = orders.filter((size) => size > 0)
  if (sound.length === 0 || days <= 0) return 0
  const sizes = inSteps(sound)
  const enough = Math.floor(Math.max(0, free) / sizes.step) + 1
  return leadTimes.reduce((sum, { days: wait, chance }) => {
    const kept = compound(sizes.chances, sound.length + 0.5, wait / days, enough)
    return sum + chance * Math.max(0, 1 - kept.reduce((all, each) => all + each, 0))
  }, 0)
}

/**
 * Advises on a stock level. Null when too little is known: fewer than four orders, or no time in which they came.
 * @param serviceLevel share of the deliveries waited for in which nobody is turned away, such as 0.95
 * @param costs what one order costs to place, one piece, and holding a piece for a year as a share of its cost
 * @param minimumQuantity pieces that can be ordered at least
 */
export const adviseStock = (
  { orders, days }: DemandHistory,
  leadTimes: LeadTimes,
  {
    serviceLevel,
    costs,
    minimumQuantity = 1,
  }: {
    serviceLevel: number
    costs: { order: number; piece: number; holding: number }
    minimumQuantity?: number
  },
): StockAdvice | null => {
  const sound = orders.filter((size) => size > 0)
  if (sound.length < SMALLEST_ORDERS || days <= 0) return null
  const sizes = inSteps(sound)
  const mean = sound.reduce((sum, size) => sum + size, 0) / sound.length
  const demandPerDay = (sound.length / days) * mean
  const point = reorderPoint(sizes, sound.length, days, leadTimes, serviceLevel)
  return {
    reorderPoint: Math.ceil(point),
    orderQuantity: Math.max(minimumQuantity, economicOrder(demandPerDay, costs)),
    demandPerDay,
    confidence: confidenceOf(sound, mean),
  }
}

const reorderPoint = (
  sizes: Sizes,
  seen: number,
  days: number,
  leadTimes: LeadTimes,
  serviceLevel: number,
): number => {
  const longest = Math.max(...leadTimes.map((each) => each.days))
  const meanSteps = sizes.chances.reduce((sum, chance, size) => sum + chance * size, 0)
  const expected = ((seen / days) * longest + 1) * meanSteps
  // Twelve deviations above the mean: beyond it nothing is left to be found.
  const length = Math.ceil(expected + 12 * Math.sqrt(expected * sizes.chances.length) + sizes.chances.length)
  const under = undershoot(sizes)
  const whole = Array<number>(length).fill(0)
  for (const { days: wait, chance } of leadTimes) {
    // Jeffreys' prior for a rate: half an order in no time at all.
    const waited = compound(sizes.chances, seen + 0.5, wait / days, length)
    convolve(waited, under, length).forEach((p, i) => {
      whole[i]! += chance * p
    })
  }
  let left = serviceLevel
  for (let i = 0; i < length; i += 1) {
    left -= whole[i]!
    if (left <= 0) return i * sizes.step
  }
  return length * sizes.step
}

/** Wilson's formula (F. Harris, 1913): the order at which placing and holding cost the same. */
const economicOrder = (
  demandPerDay: number,
  { order, piece, holding }: { order: number; piece: number; holding: number },
): number =>
  Math.max(1, Math.ceil(Math.sqrt((2 * demandPerDay * 365 * order) / Math.max(1e-9, piece * holding))))

/** How much longer a delivery takes that is late, and how many come in time from suppliers of whom nobody knows: assumed. */
export const LATE_BY = 1.5
export const BELIEVED_ON_TIME = 0.8

/** How long a supplier may take: as promised, or half as long again when it is late. @param onTime share of deliveries that came when promised */
export const leadTimesOf = (leadTimeDays: number, onTime: number | null): LeadTimes => {
  const punctual = onTime ?? BELIEVED_ON_TIME
  return [
    { days: leadTimeDays, chance: punctual },
    { days: Math.ceil(leadTimeDays * LATE_BY), chance: 1 - punctual },
  ].filter(({ chance }) => chance > 0)
}
