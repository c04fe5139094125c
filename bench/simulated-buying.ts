/** Customers that buy as a model says they do: what was put in is known, and can be compared with what methods find. */
import type { RepeatBuying } from '../subgraphs/insights/domain/buying/repeat-buying.ts'
import type { Spending } from '../subgraphs/insights/domain/buying/spending.ts'

/** Numbers in [0, 1). */
export type Chance = () => number

/** Repeatable chance (mulberry32). */
export const chanceFrom = (seed: number): Chance => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const exponential = (chance: Chance, rate: number): number => -Math.log(1 - chance()) / rate

export const normal = (chance: Chance): number =>
  Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance())

/** By G. Marsaglia and W. W. Tsang, ACM Transactions on Mathematical Software 26, 2000. */
export const gamma = (chance: Chance, shape: number, rate = 1): number => {
  if (shape < 1) return gamma(chance, shape + 1, rate) * (1 - chance()) ** (1 / shape)
  const d = shape - 1 / 3
  for (;;) {
    const x = normal(chance)
    const v = (1 + x / Math.sqrt(9 * d)) ** 3
    if (v > 0 && Math.log(1 - chance()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return (d * v) / rate
  }
}

export const beta = (chance: Chance, a: number, b: number): number => {
  const x = gamma(chance, a)
  return x / (x + gamma(chance, b))
}

export const poisson = (chance: Chance, mean: number): number => {
  let [count, passed] = [-1, 0]
  while (passed < mean) {
    count++
    passed += exponential(chance, 1)
  }
  return Math.max(0, count)
}

/** When a customer buys: weeks since its first purchase, that one included, as long as it is looked at. */
export const buyer = (
  chance: Chance,
  { r, alpha, a, b, firstMayBeLast }: RepeatBuying,
  weeks: number,
): number[] => {
  const [rate, stops] = [gamma(chance, r, alpha), beta(chance, a, b)]
  const times = [0]
  if (firstMayBeLast === 1 && chance() < stops) return times
  for (let at = exponential(chance, rate); at <= weeks; at += exponential(chance, rate)) {
    times.push(at)
    if (chance() < stops) break
  }
  return times
}

/** What a customer's purchases are worth: one value for each. */
export const spender = (chance: Chance, { p, q, gamma: scale }: Spending): (() => number) => {
  const rate = gamma(chance, q, scale)
  return () => gamma(chance, p, rate)
}
