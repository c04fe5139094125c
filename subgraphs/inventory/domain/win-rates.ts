/**
 * How probable it is that a quote is taken, from what became of others: a logistic regression with partial pooling (A. Gelman & J. Hill,
 * "Data Analysis Using Regression and Multilevel/Hierarchical Models", 2007, chapter 14).
 *
 * log-odds     level − steepness · (markup − 1.3), and what is particular to the family, the part, the customer, each half year that has
 *              passed since, and a tenfold quantity
 * particular   normal around nought: so a quote of another part, to another customer or of long ago tells less, and no number of them
 *              tells more than how far those differ
 * scale        how far particulars spread, as a multiple of SPREADS. Nobody knows it: each scale is weighed by how well it explains the
 *              quotes (marginal likelihood by Laplace's method: L. Tierney & J. Kadane, JASA 81, 1986)
 */
import { factor, solveLower, solveUpper } from './cholesky.ts'

/** What a quote is for. */
export interface QuoteFor {
  componentId: string
  family: string | null
  accountId: string
  /** Pieces. */
  quantity: number
}

/** A quote that was decided. */
export interface PastQuote extends QuoteFor {
  /** Price over cost, such as 1.3. */
  markup: number
  isWon: boolean
  ageDays: number
  /** 1, or its part of a request of several lines that was decided as one. */
  share: number
}

/**
 * How far particulars spread at scale 1, in log-odds. That is what is assumed, not what was measured: the odds of two customers differ
 * by half to twice, those of one part half a year ago and now by a third.
 */
const SPREADS = { family: 0.35, part: 0.25, customer: 0.5, halfYear: 0.35, tenfold: 0.4 }
const SCALES = [0.25, 0.5, 1, 2, 4]
/** Before anything is known: around a markup of 1.3 anything is possible, and how fast odds fall lies anywhere from slow to at once. */
const LEVEL = { mean: 0, spread: 3 }
const STEEPNESS = { mean: 12, spread: 12 }
export const MIDDLE_MARKUP = 1.3
const HALF_YEAR_DAYS = 182.5
const MOST_STEPS = 40
const SMALLEST_STEP = 1e-3

/** How much a quote is expected to differ from the one asked for, as a variance of log-odds at scale 1. */
export const differenceOf = (asked: QuoteFor, past: Omit<PastQuote, 'share'>): number =>
  (past.componentId === asked.componentId ? 0 : 2 * SPREADS.part ** 2) +
  (familyOf(past) === familyOf(asked) ? 0 : 2 * SPREADS.family ** 2) +
  (past.accountId === asked.accountId ? 0 : 2 * SPREADS.customer ** 2) +
  halfYearsOf(past) * SPREADS.halfYear ** 2 +
  (tenfoldsOf(asked, past) * SPREADS.tenfold) ** 2

// A part of no known family is a family of its own.
const familyOf = ({ family, componentId }: QuoteFor): string => family ?? `part ${componentId}`
const halfYearsOf = ({ ageDays }: { ageDays: number }): number => Math.max(0, ageDays) / HALF_YEAR_DAYS
const tenfoldsOf = (asked: QuoteFor, past: QuoteFor): number =>
  Math.log10(Math.max(past.quantity, 1) / Math.max(asked.quantity, 1))

/** What is believed of the log-odds of the quote asked for, as a bell curve over level and steepness. */
export interface WinRate {
  /** How much of all belief this is: with those of the other scales it comes to 1. */
  share: number
  level: number
  steepness: number
  levelVariance: number
  steepnessVariance: number
  covariance: number
}

/** A quote as a row of the regression: which coefficients it has a part in, and how much of each. */
interface Row {
  places: number[]
  parts: number[]
  isWon: boolean
  share: number
}

interface Regression {
  rows: Row[]
  /** Spread of each coefficient before anything is known; particulars at scale 1. */
  spreads: number[]
  /** Coefficients from here on are no particulars: steepness and level, which have means of their own. */
  own: number
  /** What makes up the level of the quote asked for. */
  asked: Float64Array
}

/** Writes quotes as rows. Coefficients of few quotes come first, those of all last. */
const regressionOf = (asked: QuoteFor, quotes: readonly PastQuote[]): Regression => {
  const names = new Map<string, number>()
  const spreads: number[] = []
  const place = (name: string, spread: number): number => {
    const known = names.get(name)
    if (known !== undefined) return known
    names.set(name, names.size)
    spreads.push(spread)
    return names.size - 1
  }
  const part = (one: QuoteFor) => place(`part ${one.componentId}`, SPREADS.part)
  const customer = (one: QuoteFor) => place(`customer ${one.accountId}`, SPREADS.customer)
  const family = (one: QuoteFor) => place(`family ${familyOf(one)}`, SPREADS.family)
  for (const name of [part, customer, family]) for (const one of [asked, ...quotes]) name(one)
  const oldest = Math.ceil(Math.max(0, ...quotes.map(halfYearsOf)))
  const halfYears = Array.from({ length: oldest }, (_, n) => place(`half year ${n}`, SPREADS.halfYear))
  const tenfold = place('tenfold', SPREADS.tenfold)
  const own = names.size
  const [steepness, level] = [place('steepness', STEEPNESS.spread), place('level', LEVEL.spread)]
  const rows = quotes.map((quote): Row => {
    const since = halfYearsOf(quote)
    const passed = halfYears.slice(0, Math.ceil(since))
    return {
      places: [part(quote), customer(quote), family(quote), ...passed, tenfold, steepness, level],
      parts: [
        ...[1, 1, 1],
        ...passed.map((_, n) => Math.min(1, since - n)),
        ...[tenfoldsOf(asked, quote), MIDDLE_MARKUP - quote.markup, 1],
      ],
      isWon: quote.isWon,
      share: quote.share,
    }
  })
  const target = new Float64Array(names.size)
  for (const at of [part(asked), customer(asked), family(asked), level]) target[at] = 1
  return { rows, spreads, own, asked: target }
}

const oddsOf = ({ places, parts }: Row, coefficients: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < places.length; i += 1) sum += parts[i]! * coefficients[places[i]!]!
  return sum
}

/** log(1 + e^z), finite at both ends. */
const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))

/** The most probable coefficients at a scale, by Newton's steps, each halved until it leads upwards. Starts where it is told to. */
const climb = ({ rows, spreads, own }: Regression, scale: number, start: Float64Array) => {
  const size = spreads.length
  const precisions = spreads.map((spread, i) => (spread * (i < own ? scale : 1)) ** -2)
  const means = spreads.map((_, i) => (i === own ? STEEPNESS.mean : i > own ? LEVEL.mean : 0))
  const heightOf = (at: Float64Array): number => {
    let height = 0
    for (let i = 0; i < size; i += 1) height -= (precisions[i]! * (at[i]! - means[i]!) ** 2) / 2
    for (const row of rows) height -= row.share * softplus(row.isWon ? -oddsOf(row, at) : oddsOf(row, at))
    return height
  }
  let at = start
  let height = heightOf(at)
  const lower = new Float64Array(size * size)
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const slope = new Float64Array(size)
    lower.fill(0)
    for (let i = 0; i < size; i += 1) {
      lower[i * size + i] = precisions[i]!
      slope[i] = precisions[i]! * (means[i]! - at[i]!)
    }
    for (const row of rows) {
      const chance = 1 / (1 + Math.exp(-oddsOf(row, at)))
      const missed = row.share * ((row.isWon ? 1 : 0) - chance)
      const weight = row.share * chance * (1 - chance)
      // Places ascend, so what is on and below the diagonal is all that is met.
      for (let a = 0; a < row.places.length; a += 1) {
        const i = row.places[a]!
        slope[i]! += row.parts[a]! * missed
        const share = weight * row.parts[a]!
        for (let b = 0; b <= a; b += 1) lower[i * size + row.places[b]!]! += share * row.parts[b]!
      }
    }
    factor(lower, size)
    const direction = solveUpper(lower, solveLower(lower, slope))
    const way = direction.reduce((most, each) => Math.max(most, Math.abs(each)), 0)
    if (way < SMALLEST_STEP) break
    let length = 1
    let next = at
    let reached = Number.NEGATIVE_INFINITY
    for (; reached < height && length > SMALLEST_STEP; length /= 2) {
      next = at.map((each, i) => each + length * direction[i]!)
      reached = heightOf(next)
    }
    if (reached < height) break
    ;[at, height] = [next, reached]
  }
  return { at, height, lower, precisions }
}

/** What quotes tell of the one asked for, at each scale, with how much each is believed. */
export const winRatesOf = (asked: QuoteFor, quotes: readonly PastQuote[]): WinRate[] => {
  const regression = regressionOf(asked, quotes)
  const { own, spreads } = regression
  const size = spreads.length
  let at: Float64Array = new Float64Array(size)
  at[own] = STEEPNESS.mean
  const steep = new Float64Array(size)
  steep[own] = 1
  const found = SCALES.map((scale) => {
    const { lower, precisions, height, ...top } = climb(regression, scale, at)
    at = top.at
    let likelihood = height
    for (let i = 0; i < size; i += 1)
      likelihood += Math.log(precisions[i]!) / 2 - Math.log(lower[i * size + i]!)
    const [ofLevel, ofSteepness] = [solveLower(lower, regression.asked), solveLower(lower, steep)]
    const [levelNow, steepnessNow] = [dot(regression.asked, at), at[own]!]
    return {
      likelihood,
      level: levelNow,
      steepness: steepnessNow,
      levelVariance: dot(ofLevel, ofLevel),
      steepnessVariance: dot(ofSteepness, ofSteepness),
      covariance: dot(ofLevel, ofSteepness),
    }
  })
  const best = Math.max(...found.map(({ likelihood }) => likelihood))
  const whole = found.reduce((sum, { likelihood }) => sum + Math.exp(likelihood - best), 0)
  return found.map(({ likelihood, ...rate }) => ({ ...rate, share: Math.exp(likelihood - best) / whole }))
}

const dot = (one: Float64Array, other: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < one.length; i += 1) sum += one[i]! * other[i]!
  return sum
}
