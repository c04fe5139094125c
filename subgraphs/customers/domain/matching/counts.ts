import { ANY } from './profile.ts'
import { BACKGROUND } from './words.ts'

/** How often things are met among an organisation's accounts. Counts are of the source that has most: each has a business once. */
export interface Counts {
  /** Accounts of the largest source. */
  accounts: number
  /** How many accounts of one source share what a key stands for, at most. */
  of(key: string): number
}

// Below this an organisation's own names say little of how common words are: they are mixed with as many names that nobody has seen.
const UNSEEN_NAMES = 1_000
/** Counts are known to a factor of four only: a judgement then changes seldom, and for all whom it concerns at once. */
const STEP = 4

/** A count as it is used: the power of four it has reached. */
export const stepOf = (count: number): number =>
  count < 1 ? 0 : STEP ** Math.floor(Math.log(count) / Math.log(STEP) + 1e-9)

/** Small counts are exact, since who shares a domain with whom depends on them; larger ones are known to a factor of four. */
export const heldCount = (count: number): number => (count < STEP ** 2 ? count : stepOf(count))

/** How many accounts there are, as far as it counts: nothing below a thousand, then the power of four. */
export const populationStep = (accounts: number): number => (accounts < UNSEEN_NAMES ? 0 : stepOf(accounts))

/** Counts of an organisation. @param most by key: how many accounts of one source have it at most */
export const countsOf = (most: ReadonlyMap<string, number>): Counts => ({
  accounts: populationStep(most.get(ANY) ?? 0),
  of: (key) => heldCount(most.get(key) ?? 0),
})

/** Where nothing is known of an organisation. */
export const NO_COUNTS: Counts = countsOf(new Map())

/** How many accounts there are to be mistaken for each other. */
export const populationOf = ({ accounts }: Counts): number => Math.max(accounts, UNSEEN_NAMES)

/** Never listed: shorter words are shared by more firms, down to initials. */
const unlisted = (word: string): number => 2 ** -(word.length >= 5 ? 17 : [9, 9, 11, 13, 15][word.length]!)

/** How many bits it says that two have what `key` stands for, when `background` is the share of unseen accounts that have it. */
const bitsOf = (key: string, background: number, counts: Counts): number => {
  const others = Math.max(0, counts.of(key) - 1)
  const share = (others + background * UNSEEN_NAMES) / (counts.accounts + UNSEEN_NAMES)
  return -Math.log2(Math.max(background, share))
}

/**
 * How many bits it says that two names have a word in common: base-2 logarithm of one by the share of names that have it. What others of
 * the organisation show counts; the two themselves do not.
 * @param key what is counted; the name that consists of the word alone rather than the word in any name
 */
export const information = (word: string, counts: Counts, key = word): number =>
  bitsOf(key, BACKGROUND.get(word) ?? unlisted(word), counts)

/** The same of a place: of unseen accounts one in twenty is in any one place, since a business trades near where it is. */
export const placeInformation = (key: string, counts: Counts): number => bitsOf(key, 1 / 20, counts)
