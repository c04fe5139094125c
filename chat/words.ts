/** token   one word of a sentence, with what it turned out to be */
import type { Language } from './language/language.ts'

export interface Token {
  /** As it was said. */
  word: string
  lower: string
  stem: string
  start: number
  end: number
  /** Between quotation marks: what stands there is a name and nothing else. */
  isQuoted: boolean
  isCapital: boolean
  /** `'s` follows. */
  isOwner: boolean
  /** It belongs to a name, a time or an amount, and says nothing else. */
  taken?: 'name' | 'time' | 'amount' | 'idle'
}

const QUOTES = /["“”„«»]/g
/** Control characters and what changes how text runs: `\\p{Cf}` holds joiners, directions and the mark of a file's beginning. */
const UNSEEN = /[\p{Cc}\p{Cf}]/gu
const WORD = /[\p{L}\p{N}]+(?:[._/&+-][\p{L}\p{N}]+)*|[€$£]|&/gu

/** The sentence with one kind of quotation mark, without what cannot be seen, and with nothing written short. */
export const cleaned = (text: string, language: Language): string => {
  let clean = text
    .normalize('NFKC')
    .replace(UNSEEN, ' ')
    .replace(/[‘’ʼ`´]/g, "'")
    .replace(QUOTES, '"')
    .replace(/[‐-―]/g, '-')
  const parts = clean.split(/("[^"]*")/)
  for (const [short, long] of language.contractions)
    for (let at = 0; at < parts.length; at += 2) parts[at] = parts[at]!.replace(short, long as string)
  clean = parts.join('')
  return clean.replace(/\s+/g, ' ').trim()
}

/** The words of a cleaned sentence. */
export const tokensOf = (clean: string, language: Language): Token[] => {
  const quoted = [...clean.matchAll(/"([^"]*)"|(?<![\p{L}\p{N}])'([^']{2,})'(?![\p{L}\p{N}])/gu)].map(
    (match) => [match.index, match.index + match[0].length] as const,
  )
  return [...clean.matchAll(WORD)].flatMap((match) => {
    const word = match[0]
    const start = match.index
    const before = clean.slice(0, start)
    // The `s` of an owner: it belongs to the word before.
    if (/^s$/i.test(word) && before.endsWith("'")) return []
    const end = start + word.length
    const lower = word.toLowerCase()
    return {
      word,
      lower,
      stem: language.stem(lower),
      start,
      end,
      isQuoted: quoted.some(([from, to]) => start >= from && end <= to),
      isCapital: /^\p{Lu}/u.test(word),
      isOwner: /^'(?:s\b|(?![p{L}p{N}]))/i.test(clean.slice(end)),
    }
  })
}

/** The forms of a list of words or phrases, each as its stems. */
export const stemsOf = (phrase: string, language: Language): string[] =>
  [...cleaned(phrase, language).matchAll(WORD)].map(([word]) => language.stem(word.toLowerCase()))

/** How many letters have to be put in, taken out, changed or swapped with their neighbour; more than `most` is `most + 1`. */
export const apart = (one: string, other: string, most: number): number => {
  if (Math.abs(one.length - other.length) > most) return most + 1
  let before: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let row = 1; row <= one.length; row++) {
    const next = [row]
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1]
      let least = Math.min(last[column]! + 1, next[column - 1]! + 1, last[column - 1]! + (isSame ? 0 : 1))
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1])
        least = Math.min(least, before[column - 2]! + 1)
      next.push(least)
    }
    before = last
    last = next
  }
  return Math.min(last[other.length]!, most + 1)
}
