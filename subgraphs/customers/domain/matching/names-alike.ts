import { type Counts, information } from './counts.ts'
import type { MatchRule } from './judgement.ts'
import { compactOf, isPart, type Name } from './name.ts'
import { BACKGROUND, FILLERS, SHORT_FORMS } from './words.ts'
import { compareWords, isExchange, type WordLevel } from './words-alike.ts'

/** How two names compare: level, weight, and the rules that bound what may follow. */
export interface NamesCompared {
  level: 'EXACT' | 'WORDS' | 'TYPO' | 'ONE_SIDED' | 'INITIALS' | 'PARTLY' | 'UNLIKE'
  weight: number
  rules: MatchRule[]
  /** Words that only one of the names has, fillers left out. */
  left: string[]
}

// Of two names of one customer: how often a word is written the same, cut short, or with a slip; how often it is left out.
// Against: how often another customer's name would have the same by chance. docs/decisions/0025 says where each comes from.
const SAME = Math.log2(0.9)
const CUT_SHORT = -4
const SLIP = { long: -5, short: -7 } as const
const LONG_WORD = 7
const MOST = 20
const UNLIKE = -3

interface Aligned {
  pairs: { a: string; b: string; level: WordLevel }[]
  onlyA: string[]
  onlyB: string[]
}

const RANK: Record<WordLevel, number> = { EXACT: 3, SHORT_FORM: 2, TYPO: 1, UNLIKE: 0 }

/** Puts words that are alike side by side, the most alike first. Their order in the names does not count. */
const align = (a: readonly string[], b: readonly string[]): Aligned => {
  const all = a.flatMap((left, i) =>
    b.flatMap((right, j) => {
      const level = compareWords(left, right)
      return level === 'UNLIKE' ? [] : [{ i, j, level }]
    }),
  )
  all.sort((x, y) => RANK[y.level] - RANK[x.level] || Math.abs(x.i - x.j) - Math.abs(y.i - y.j) || x.i - y.i)
  const [inA, inB] = [new Set<number>(), new Set<number>()]
  const pairs: Aligned['pairs'] = []
  for (const { i, j, level } of all) {
    if (inA.has(i) || inB.has(j)) continue
    inA.add(i)
    inB.add(j)
    pairs.push({ a: a[i]!, b: b[j]!, level })
  }
  return {
    pairs,
    onlyA: a.filter((_, i) => !inA.has(i)),
    onlyB: b.filter((_, j) => !inB.has(j)),
  }
}

const weightOf = ({ a, b, level }: Aligned['pairs'][number], counts: Counts): number => {
  const known = Math.min(information(a, counts), information(b, counts))
  if (level === 'EXACT') return Math.min(information(a, counts), information(b, counts)) + SAME
  if (level === 'SHORT_FORM') {
    const long = SHORT_FORMS.get(a.length < b.length ? a : b) ?? (a.length < b.length ? b : a)
    return Math.max(0.5, information(long, counts) + CUT_SHORT)
  }
  return Math.max(0.5, known + (Math.min(a.length, b.length) >= LONG_WORD ? SLIP.long : SLIP.short))
}

/** A word on one side only: the rarer it is, the less it would be left out. */
const leftOut = (word: string, counts: Counts): number =>
  FILLERS.has(word) ? -0.5 : isPart(word) ? -3 : -(1.5 + information(word, counts) / 6)

/** Initials that a name may be called by: with or without small words, and with the legal form, as in HSBC. */
const initialsOf = ({ words, formWords }: Name): string[] => {
  const telling = words.filter((word) => !FILLERS.has(word) || word === 'international')
  const [plain, all] = [telling, words].map((each) => each.map((word) => word[0]).join(''))
  return [plain!, all!, ...(formWords.length > 0 ? [`${plain}${formWords[0]![0]}`] : [])]
}

const isInitials = (short: Name, long: Name): boolean =>
  short.words.length === 1 &&
  short.words[0]!.length >= 2 &&
  long.words.length >= 2 &&
  initialsOf(long).includes(short.words[0]!)

/**
 * Whether a name tells its firm from others by more than what it does: "Kelworth Dental" does, "Family Dental Care" does not. Trade mark law
 * draws the same line between distinctive and descriptive marks: many may be called the latter.
 */
export const isDistinctive = ({ words }: Name): boolean =>
  words.some((word) => word.length > 2 && !BACKGROUND.has(word))

const numberRules = (a: Name, b: Name): MatchRule[] => {
  if (a.numbers.join(' ') === b.numbers.join(' ')) return []
  return a.numbers.length > 0 && b.numbers.length > 0 ? ['NUMBERS_DIFFER'] : ['NUMBER_ON_ONE_SIDE']
}

/** Compares names word by word. */
export const compareNames = (a: Name, b: Name, counts: Counts): NamesCompared => {
  const rules = numberRules(a, b)
  if (a.words.length === 0 || b.words.length === 0) return { level: 'UNLIKE', weight: 0, rules, left: [] }
  const isOneWord = compactOf(a) === compactOf(b)
  if (!isOneWord && (isInitials(a, b) || isInitials(b, a))) {
    const letters = Math.min(compactOf(a).length, compactOf(b).length)
    return { level: 'INITIALS', weight: letters >= 4 ? 13 : letters === 3 ? 11 : 6, rules, left: [] }
  }
  if (isOneWord && a.words.length !== b.words.length) return runTogether(a, b, counts, 'WORDS', rules)
  const { pairs, onlyA, onlyB } = align(a.words, b.words)
  if (onlyA.length > 0 && onlyB.length > 0 && isRunTogether(a, b))
    return runTogether(a, b, counts, isOneWord ? 'WORDS' : 'TYPO', rules)
  const left = [...onlyA, ...onlyB].filter((word) => !FILLERS.has(word))
  const telling = pairs.filter((pair) => !FILLERS.has(pair.a))
  if (telling.length === 0 && !(pairs.length > 0 && left.length === 0))
    return { level: 'UNLIKE', weight: UNLIKE, rules: [...rules, 'NAME_UNLIKE'], left }
  const together = pairs.reduce((sum, pair) => sum + weightOf(pair, counts), 0)
  const apart = [...onlyA, ...onlyB].reduce((sum, word) => sum + leftOut(word, counts), 0)
  const [mineLeft, theirsLeft] = [onlyA, onlyB].map((words) => words.filter((word) => !FILLERS.has(word)))
  if (mineLeft!.length > 0 && theirsLeft!.length > 0) rules.push('WORDS_DIFFER')
  else if (left.some(isPart)) rules.push('PART_OF_GROUP')
  else if (left.length > 0) rules.push('WORD_ON_ONE_SIDE')
  if (mineLeft!.some(isPart) && theirsLeft!.some(isPart)) rules.push('PART_OF_GROUP')
  const weight = Math.min(MOST, together) + apart
  return { level: levelOf(pairs, mineLeft!, theirsLeft!), weight, rules, left }
}

const levelOf = (
  pairs: Aligned['pairs'],
  onlyA: readonly string[],
  onlyB: readonly string[],
): NamesCompared['level'] => {
  if (onlyA.length > 0 && onlyB.length > 0) return 'PARTLY'
  if (onlyA.length + onlyB.length > 0) return 'ONE_SIDED'
  if (pairs.some(({ level }) => level === 'TYPO')) return 'TYPO'
  return pairs.every(({ level }) => level === 'EXACT') ? 'EXACT' : 'WORDS'
}

const LONG_NAME = 8

/** "Coca Cola" and "Cocacola", or a space and a letter that have changed places: names that are nearly the same without their spaces. */
const isRunTogether = (a: Name, b: Name): boolean => {
  const [one, two] = [compactOf(a), compactOf(b)]
  if (one === two) return true
  return Math.min(one.length, two.length) >= LONG_NAME && !/\d/.test(one + two) && isExchange(one, two)
}

const runTogether = (
  a: Name,
  b: Name,
  counts: Counts,
  level: 'WORDS' | 'TYPO',
  rules: MatchRule[],
): NamesCompared => {
  const said = (name: Name) => name.words.reduce((sum, word) => sum + information(word, counts), 0)
  const weight = Math.min(MOST, said(a), said(b)) + (level === 'TYPO' ? SLIP.long : SAME)
  return { level, weight, rules, left: [] }
}
