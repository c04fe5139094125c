/** Deterministic chance: the same seed, kind, index and salt give the same draw in every process, so nothing has to be kept. */

// The finaliser of MurmurHash3: every input bit reaches every output bit.
const mix = (h: number): number => {
  let x = h >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

/** What a draw is about. Numbers rather than texts, because millions are hashed. */
export const KIND = {
  company: 1,
  face: 2,
  person: 3,
  deal: 4,
  ticket: 5,
  part: 6,
  stock: 7,
  rfq: 8,
  account: 9,
  usage: 10,
  record: 11,
  weight: 12,
  custom: 13,
  task: 14,
  note: 15,
  supplier: 16,
  transaction: 17,
} as const
export type Kind = (typeof KIND)[keyof typeof KIND]

/** An unsigned 32-bit number for a place in the universe. */
export const hash = (seed: number, kind: number, index: number, salt = 0): number =>
  mix(
    mix(mix(seed ^ 0x9e3779b9) ^ Math.imul(kind, 0x632be5ab)) ^
      mix(index) ^
      Math.imul(salt + 1, 0x27d4eb2f) ^
      (index + salt * 7919),
  )

/** The same as `hash`, from 0 (included) to 1 (excluded). */
export const share = (seed: number, kind: number, index: number, salt = 0): number =>
  hash(seed, kind, index, salt) / 2 ** 32

/** A stream of draws (mulberry32) for one place in the universe. */
export class Rng {
  #state: number
  constructor(seed: number, kind: Kind, index: number, salt = 0) {
    this.#state = hash(seed, kind, index, salt)
  }
  /** From 0 (included) to 1 (excluded). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }
  chance(probability: number): boolean {
    return this.next() < probability
  }
  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!
  }
  /** One of the entries, as often as its weight says. */
  weighted<T>(entries: readonly (readonly [T, number])[]): T {
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [value, weight] of entries) {
      left -= weight
      if (left < 0) return value
    }
    return entries.at(-1)![0]
  }
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** Shuffles 0…size−1 without a table: x → a·x + b (mod size), which can be turned round. */
export class Permutation {
  readonly size: number
  readonly #a: number
  readonly #b: number
  readonly #inverse: number
  constructor(size: number, seed: number) {
    this.size = Math.max(1, size)
    let a = Math.max(1, Math.floor(this.size * 0.6180339887))
    while (gcd(a, this.size) !== 1) a += 1
    this.#a = a % this.size || 1
    this.#b = hash(seed, KIND.weight, this.size) % this.size
    this.#inverse = inverse(this.#a, this.size)
  }
  at(index: number): number {
    return (this.#a * index + this.#b) % this.size
  }
  indexOf(value: number): number {
    return ((((value - this.#b + this.size) % this.size) * this.#inverse) % this.size) as number
  }
}

const inverse = (a: number, n: number): number => {
  if (n === 1) return 0
  let [r, nextR, t, nextT] = [n, a, 0, 1]
  while (nextR !== 0) {
    const q = Math.floor(r / nextR)
    ;[r, nextR] = [nextR, r - q * nextR]
    ;[t, nextT] = [nextT, t - q * nextT]
  }
  return (t + n) % n
}

/** The last place whose sum is not above `value`, where the next one's is. */
export const lastAtMost = (sums: Uint32Array, value: number): number => {
  let low = 0
  let high = sums.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (sums[middle]! <= value) low = middle
    else high = middle
  }
  return low
}

/**
 * Deals `total` members out to `groups` by weight, exactly, and answers both ways without keeping the members.
 * Memory: four bytes per group.
 */
export class Spread {
  readonly total: number
  readonly #offsets: Uint32Array
  readonly #order: Permutation
  constructor(total: number, groups: number, seed: number, weight: (group: number) => number) {
    this.total = total
    this.#order = new Permutation(total, seed)
    const sums = new Float64Array(groups + 1)
    for (let g = 0; g < groups; g += 1) sums[g + 1] = sums[g]! + weight(g)
    const all = sums[groups]! || 1
    this.#offsets = Uint32Array.from(sums, (sum) => Math.round((sum / all) * total))
  }
  /** The group a member belongs to, and its place there from 0. */
  place(member: number): { group: number; position: number } {
    const slot = this.#order.at(member)
    const group = lastAtMost(this.#offsets, slot)
    return { group, position: slot - this.#offsets[group]! }
  }
  count(group: number): number {
    return (this.#offsets[group + 1] ?? this.#offsets[group] ?? 0) - (this.#offsets[group] ?? 0)
  }
  member(group: number, position: number): number {
    return this.#order.indexOf(this.#offsets[group]! + position)
  }
  /** All members of a group, ascending. */
  members(group: number): number[] {
    return Array.from({ length: this.count(group) }, (_, p) => this.member(group, p)).sort((a, b) => a - b)
  }
}
