/**
 * What to ask for a part: the price at which the profit to be expected is largest, from what customers took and left before.
 *
 * The chance that a quote is taken falls with its markup over cost along a logistic curve, P = 1 / (1 + e^{k (m − m₅₀)}). Which curve it
 * is, nobody knows: how far each of a grid is believed follows from past quotes (win-rates.ts). Each curve has one best markup, in
 * closed form: m* = v + (1 + W(e^{k (m₅₀ − v) − 1})) / k, with Lambert's W; it maximises (m − v) · P(m), where v is what a part is still
 * worth to us, as a share of its cost. The spread of the best markups is the interval. How often such intervals hold what they say is
 * measured: `npm run bench -- recommendations`.
 */
import { MIDDLE_MARKUP, type PastQuote, type QuoteFor, type WinRate, winRatesOf } from './win-rates.ts'

export interface PriceAdvice {
  /** Price over cost at which most is to be earned. */
  markup: number
  /** The best markup lies in here in 95 of 100 cases. */
  low: number
  high: number
  /** The chance that a quote at `markup` is taken. */
  winChance: number
  /** 0–100: in so many of a hundred cases the best price is within 1.5 % of this one. */
  confidence: number
  /** How many quotes of this very part to this customer today, each as telling as can be, all evidence comes to. */
  evidence: number
  /** How many quotes were looked at, and how many of them were taken. */
  quotes: number
  won: number
}

const grid = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1))

// Markups at which half of all quotes are taken, and how sharply that falls: what distributors of parts live on lies well inside.
const HALFWAY = grid(1.0125, 2.2, 96)
const STEEPNESS = grid(Math.log(3), Math.log(40), 28).map(Math.exp)

/** Lambert's W of e^x for any x, by Newton's steps on w + ln w = x. */
export const lambertOfExp = (x: number): number => {
  let w = x > 1 ? x - Math.log(x) : Math.exp(Math.min(x, 1)) / (1 + Math.exp(Math.min(x, 1)))
  for (let step = 0; step < 30; step += 1) {
    const next = (w * (1 + x - Math.log(w))) / (1 + w)
    if (Math.abs(next - w) < 1e-12 * w) return next
    w = next
  }
  return w
}

/** The markup at which (m − worth) · P(m) is largest. @param worth what a part is still worth to us, as a share of its cost */
export const bestMarkup = (halfway: number, steepness: number, worth = 1): number =>
  worth + (1 + lambertOfExp(steepness * (halfway - worth) - 1)) / steepness

interface Curve {
  halfway: number
  steepness: number
  best: number
}

/** All curves, by their best markup. */
const curvesAt = (worth: number): Curve[] =>
  HALFWAY.flatMap((halfway) =>
    STEEPNESS.map((steepness) => ({ halfway, steepness, best: bestMarkup(halfway, steepness, worth) })),
  ).sort((a, b) => a.best - b.best)
// Parts are discounted by whole per cents: there are few of these.
const CURVES = new Map<number, Curve[]>()
const curvesOf = (worth: number): Curve[] => {
  const curves = CURVES.get(worth) ?? curvesAt(worth)
  CURVES.set(worth, curves)
  return curves
}

const winChance = (curve: { halfway: number; steepness: number }, markup: number): number =>
  1 / (1 + Math.exp(curve.steepness * (markup - curve.halfway)))

/** How far each curve is believed: the bell curves over level and steepness, at steps of `halfway` and of the logarithm of the steepness. */
const densitiesAt = (curves: readonly Curve[], rates: readonly WinRate[]): Float64Array => {
  const densities = new Float64Array(curves.length)
  for (const rate of rates) {
    const { levelVariance, covariance, steepnessVariance } = rate
    const area = levelVariance * steepnessVariance - covariance ** 2
    const height = rate.share / Math.sqrt(area)
    curves.forEach(({ halfway, steepness }, i) => {
      const off = steepness * (halfway - MIDDLE_MARKUP) - rate.level
      const steeper = steepness - rate.steepness
      const distance =
        (steepnessVariance * off * off - 2 * covariance * off * steeper + levelVariance * steeper * steeper) /
        area
      // A step covers so much more of level and steepness where the curve is steep.
      densities[i]! += height * Math.exp(-distance / 2) * steepness * steepness
    })
  }
  return densities
}

/** What is believed of the best markup. */
export interface Belief {
  /** The markup below which the best one lies in a share of the cases. */
  below(share: number): number
  /** In which share of the cases the best markup lies between two. */
  between(low: number, high: number): number
  /** The chance that a quote at a markup is taken. */
  winChance(markup: number): number
  evidence: number
}

/** Even odds tell most: the information of one such quote (S. Morita, P. Thall & P. Müller, "effective sample size", Biometrics 64, 2008). */
const MOST_TELLING = 0.25

const evidenceOf = (rates: readonly WinRate[]): number => {
  const level = rates.reduce((sum, rate) => sum + rate.share * rate.level, 0)
  const variance = rates.reduce(
    (sum, rate) => sum + rate.share * (rate.levelVariance + (rate.level - level) ** 2),
    0,
  )
  return 1 / (variance * MOST_TELLING)
}

/** What past quotes tell of the best markup. @param discount how much less than its cost a part is worth to us, as `agingDiscount` has it */
export const believe = (asked: QuoteFor, quotes: readonly PastQuote[], discount = 0): Belief => {
  const curves = curvesOf(1 - discount)
  const rates = winRatesOf(asked, quotes)
  const shares = densitiesAt(curves, rates)
  const whole = shares.reduce((sum, share) => sum + share, 0)
  const over = (of: (curve: Curve) => number): number =>
    curves.reduce((sum, curve, i) => sum + shares[i]! * of(curve), 0) / whole
  return {
    below: (share) => {
      let [left, i] = [share * whole - shares[0]!, 0]
      while (left > 0 && i < curves.length - 1) {
        i += 1
        left -= shares[i]!
      }
      return curves[i]!.best
    },
    between: (low, high) => over(({ best }) => (low <= best && best <= high ? 1 : 0)),
    winChance: (markup) => over((curve) => winChance(curve, markup)),
    evidence: evidenceOf(rates),
  }
}

const FEWEST_QUOTES = 3
const SMALLEST_EVIDENCE = 1
/** Who asks for a price that is so near to the best one has lost next to nothing. */
const NEAR = 0.015

/**
 * Advises on a price. Null when too little is known: fewer than three quotes, all of them together worth less than one of this very part,
 * or only such as were all won or all lost, which tell on one side alone where the curve is.
 */
export const advisePrice = (
  asked: QuoteFor,
  quotes: readonly PastQuote[],
  discount = 0,
): PriceAdvice | null => {
  if (quotes.length < FEWEST_QUOTES || new Set(quotes.map(({ isWon }) => isWon)).size < 2) return null
  const belief = believe(asked, quotes, discount)
  if (belief.evidence < SMALLEST_EVIDENCE) return null
  const markup = belief.below(0.5)
  return {
    markup,
    low: belief.below(0.025),
    high: belief.below(0.975),
    winChance: belief.winChance(markup),
    confidence: Math.round(100 * belief.between(markup * (1 - NEAR), markup * (1 + NEAR))),
    evidence: belief.evidence,
    quotes: quotes.length,
    won: quotes.filter(({ isWon }) => isWon).length,
  }
}

/** How much less a part is worth to us that has lain long: nothing for half a year, then one per cent a month, at most fifteen. */
export const agingDiscount = (daysOnShelf: number): number =>
  Math.min(15, Math.max(0, Math.floor((daysOnShelf - 180) / 30))) / 100
