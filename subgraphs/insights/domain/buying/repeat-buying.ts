/**
 * How often customers buy again, and when they stop without telling: BG/NBD (P. Fader, B. Hardie and K. L. Lee, "Counting Your Customers" the
 * Easy Way, Marketing Science 24, 2005), and MBG/NBD (E. Batislam, M. Denizel and A. Filiztekin, International Journal of Research in
 * Marketing 24, 2007), where somebody may stop behind the first purchase already. Each customer buys at a rate of its own (a gamma
 * distribution), and behind each purchase stops with a probability of its own (a beta distribution).
 *
 * history   what is enough of a customer's past: how often it bought again, when last, and for how long it is known, in weeks
 */
import { logGamma } from '../statistics/gamma.ts'

export interface History {
  /** Purchases behind the first. */
  again: number
  /** Weeks from the first purchase to the last. */
  last: number
  /** Weeks from the first purchase to the moment it is for; not before the last. */
  age: number
}

export interface RepeatBuying {
  /** Shape and rate of the distribution of how often customers buy in a week. */
  r: number
  alpha: number
  /** Of the distribution of how likely they stop behind a purchase. */
  a: number
  b: number
  /** 1 when somebody may stop behind the first purchase (MBG/NBD), 0 when not (BG/NBD). */
  firstMayBeLast: 0 | 1
}

/** The logarithm of how likely the model gives a history. */
export const logLikelihood = (model: RepeatBuying): ((history: History) => number) => {
  const { r, alpha, a, b, firstMayBeLast } = model
  // What depends on the number of purchases alone is the same for many.
  const byCount = new Map<number, number>()
  const front = r * Math.log(alpha) - logGamma(r) + logGamma(a + b) - logGamma(b)
  const counted = (again: number): number => {
    let held = byCount.get(again)
    if (held === undefined) {
      const chances = again + firstMayBeLast
      held = front + logGamma(r + again) + logGamma(b + chances) - logGamma(a + b + chances)
      byCount.set(again, held)
    }
    return held
  }
  return ({ again, last, age }) => {
    const chances = again + firstMayBeLast
    const stays = -(r + again) * Math.log(alpha + age)
    if (chances === 0) return counted(again) + stays
    const stops = Math.log(a / (b + chances - 1)) - (r + again) * Math.log(alpha + last)
    const most = Math.max(stays, stops)
    return counted(again) + most + Math.log(Math.exp(stays - most) + Math.exp(stops - most))
  }
}

/** How likely a customer still buys, 0 to 1. */
export const probabilityAlive = (
  { r, alpha, a, b, firstMayBeLast }: RepeatBuying,
  { again, last, age }: History,
): number => {
  const chances = again + firstMayBeLast
  if (chances === 0) return 1
  return 1 / (1 + (a / (b + chances - 1)) * ((alpha + age) / (alpha + last)) ** (r + again))
}

export interface Expected {
  /** How many purchases are to be expected. */
  mean: number
  /** The mean of their number's square. */
  square: number
  /** How likely there is none. */
  none: number
}

const NEGLIGIBLE = 1e-7
const TINY = 1e-290
const MOST_TERMS = 20_000

/**
 * How likely a customer makes at least 1, 2, 3 … purchases within so many weeks. Exactly: while it still buys, its rate and its way to stop are
 * independent given its history, so that P(N ≥ n) = P(alive) · P(at least n purchases are made at that rate) · P(it did not stop behind the
 * n − 1 before): the tail of a negative binomial distribution times a ratio of beta functions.
 * @param visit gets n and the chance, until it answers false or the chance is nothing
 */
const walkTail = (
  model: RepeatBuying,
  history: History,
  weeks: number,
  visit: (n: number, atLeast: number) => boolean,
): void => {
  const { r, alpha, a, b, firstMayBeLast } = model
  const shape = r + history.again
  const share = weeks / (alpha + history.age + weeks)
  const stopping = b + history.again + firstMayBeLast
  // Of a customer that buys daily the first terms are too small for a number: they go on as logarithms.
  let logTerm = shape * Math.log1p(-share)
  let term = Math.exp(logTerm)
  let below = term
  let goesOn = probabilityAlive(model, history)
  for (let n = 1; n <= MOST_TERMS; n++) {
    const atLeast = (1 - below) * goesOn
    if (atLeast < NEGLIGIBLE || !visit(n, atLeast)) return
    const ratio = ((shape + n - 1) / n) * share
    if (term > TINY) term *= ratio
    else {
      logTerm += Math.log(ratio)
      term = Math.exp(logTerm)
    }
    below += term
    goesOn *= (stopping + n - 1) / (a + stopping + n - 1)
  }
}

/**
 * How often a customer will buy within so many weeks. Summed up over `walkTail`, the mean is equation 10 of the paper without its hypergeometric
 * function.
 */
export const expectedPurchases = (model: RepeatBuying, history: History, weeks: number): Expected => {
  const found: Expected = { mean: 0, square: 0, none: 1 }
  walkTail(model, history, weeks, (n, atLeast) => {
    if (n === 1) found.none = 1 - atLeast
    found.mean += atLeast
    found.square += (2 * n - 1) * atLeast
    return true
  })
  return found
}

// What a model holds to be impossible and happens: it is wrong, but not infinitely so.
const LEAST_CHANCE = 1e-9

/** The logarithm of how likely exactly so many purchases are within so many weeks: what models are compared by. */
export const logChanceOf = (model: RepeatBuying, history: History, weeks: number, count: number): number => {
  let [atLeast, atLeastOneMore] = [count === 0 ? 1 : 0, 0]
  walkTail(model, history, weeks, (n, chance) => {
    if (n === count) atLeast = chance
    if (n === count + 1) atLeastOneMore = chance
    return n <= count
  })
  return Math.log(Math.max(atLeast - atLeastOneMore, LEAST_CHANCE))
}

/** In how many weeks somebody who still buys has bought next, in a share of the cases. @param share above 0, below 1 */
export const nextPurchase = ({ r, alpha }: RepeatBuying, { again, age }: History, share: number): number =>
  (alpha + age) * ((1 - share) ** (-1 / (r + again)) - 1)
