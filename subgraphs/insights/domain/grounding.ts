/**
 * grounded   a text that says what a claim says, in other words: with the same figures, in the same order, and without a word that says more
 *
 * A language model words sentences, and it may be wrong, or led astray by somebody. So its words are held against the claim that each
 * sentence names: all figures of the claim and no other, all words of the claim that say something, and beside them only words that say
 * nothing by themselves. It can choose, order, join and shorten; it cannot say what the facts do not say.
 */
import type { Claim } from './claims.ts'

export interface Worded {
  /** The key of the claim that the sentence words. */
  claim: string
  text: string
}

/** Why a text cannot be used. */
export type Ungrounded =
  | 'NO_SENTENCE'
  | 'UNKNOWN_CLAIM'
  | 'CLAIM_TWICE'
  | 'ODD_CHARACTERS'
  | 'TOO_LONG'
  | 'OTHER_FIGURES'
  | 'OTHER_WORDS'
  | 'WORDS_MISSING'

const LONGEST_SENTENCE = 300
export const MOST_SENTENCES = 8

/** Words that a sentence can be turned with: none of them says how much, whether, who or what. */
export const JOINING_WORDS: readonly string[] = (
  'a an the this that these those it its they their there here of in on at by to for from with as and also too while where which ' +
  'is are was were be been has have had stands stand sits sit remains remain shows show currently now still so far overall today ' +
  'however meanwhile further furthermore moreover in addition additionally customer account relationship amounts amount totals total ' +
  'came comes come recorded counts count made dated date side out up'
).split(' ')
const joining = new Set(JOINING_WORDS.map((word) => stem(word)))

/** One of several forms of a word: with and without the s of the plural. */
function stem(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word
}

// A sign belongs to its figure, a comma between digits parts thousands, and hyphens make a day.
const FIGURE = /[-−+]?\d+(?:[-,.:/]\d+)*%?/g
const figures = (text: string): string[] =>
  (text.match(FIGURE) ?? []).map((figure) => figure.replaceAll(/(?<=\d),(?=\d{3})/g, '').replace('−', '-'))
const words = (text: string): Set<string> =>
  new Set(
    (
      text
        .replace(FIGURE, ' ')
        .toLowerCase()
        .match(/\p{L}+/gu) ?? []
    ).map(stem),
  )

const PLAIN = /^[A-Za-z0-9 .,:;%()’'+−-]+$/

/** @returns why a sentence does not say what its claim says; null when it does */
const flawOf = ({ claim, text }: Worded, claims: ReadonlyMap<string, Claim>): Ungrounded | null => {
  const held = claims.get(claim)
  if (!held) return 'UNKNOWN_CLAIM'
  if (text.length > LONGEST_SENTENCE) return 'TOO_LONG'
  if (!PLAIN.test(text) || !text.endsWith('.') || /\.\s/.test(text)) return 'ODD_CHARACTERS'
  if (figures(text).join(' ') !== figures(held.text).join(' ')) return 'OTHER_FIGURES'
  const [said, meant] = [words(text), words(held.text)]
  if ([...said].some((word) => !meant.has(word) && !joining.has(word))) return 'OTHER_WORDS'
  return [...meant].some((word) => !joining.has(word) && !said.has(word)) ? 'WORDS_MISSING' : null
}

/** @returns why these sentences cannot be used; null when each says what its claim says. One that does not spoils all. */
export const ungrounded = (worded: readonly Worded[], claims: readonly Claim[]): Ungrounded | null => {
  if (worded.length === 0 || worded.length > MOST_SENTENCES) return 'NO_SENTENCE'
  const byKey = new Map(claims.map((claim) => [claim.key, claim]))
  if (new Set(worded.map(({ claim }) => claim)).size < worded.length) return 'CLAIM_TWICE'
  for (const one of worded) {
    const flaw = flawOf(one, byKey)
    if (flaw) return flaw
  }
  return null
}
