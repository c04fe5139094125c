/** How many are wanted, and what is compared with a number. */
import { meaningIn } from './language/language.ts'
import type { Lexicon } from './lexicon.ts'
import type { Token } from './words.ts'

/** `churn risk above 70`. */
export interface Comparison {
  side: 'atLeast' | 'below'
  /** Exactly, as a decimal. */
  amount: string
  currency?: string
  /** The tokens it is made of. */
  at: number[]
}

export interface Amounts {
  /** How many are wanted. */
  first?: { count: number; at: number[] }
  comparisons: Comparison[]
}

const MOST = 200

const numberAt = (
  tokens: readonly Token[],
  at: number,
  lexicon: Lexicon,
): { value: string; length: number } | undefined => {
  const token = tokens[at]
  if (!token || token.taken) return undefined
  const word = meaningIn(lexicon.language.numbers, token.lower)
  if (word !== undefined) {
    const next = meaningIn(lexicon.language.numbers, tokens[at + 1]?.lower ?? '')
    if (next !== undefined && next >= 100) return { value: String(word * next), length: 2 }
    if (next !== undefined && next < 10 && word >= 20 && word < 100)
      return { value: String(word + next), length: 2 }
    return { value: String(word), length: 1 }
  }
  const match = /^(\d+(?:\.\d+)?)(k|m)?$/i.exec(token.lower)
  if (!match) return undefined
  const scale = match[2]?.toLowerCase() === 'k' ? 1_000 : match[2] ? 1_000_000 : 1
  // `5,000` comes as two tokens.
  let value = match[1]!
  let length = 1
  while (
    !match[2] &&
    /^\d{3}$/.test(tokens[at + length]?.lower ?? '') &&
    tokens[at + length]!.start === tokens[at + length - 1]!.end + 1 &&
    !value.includes('.')
  ) {
    value += tokens[at + length]!.lower
    length++
  }
  return { value: scale === 1 ? value : String(Math.round(Number(value) * scale)), length }
}

/** Reads them. The words stay: what takes them up depends on the operation. */
export const amountsIn = (tokens: readonly Token[], lexicon: Lexicon): Amounts => {
  const amounts: Amounts = { comparisons: [] }
  const { atLeast, below, tops } = lexicon.language
  const before = (at: number, words: string): number[] | undefined => {
    for (const stems of lexicon.phrases(words)) {
      const from = at - stems.length
      if (from >= 0 && stems.every((stem, n) => tokens[from + n]!.stem === stem && !tokens[from + n]!.taken))
        return stems.map((_, n) => from + n)
    }
    return undefined
  }
  for (let at = 0; at < tokens.length; at++) {
    const number = numberAt(tokens, at, lexicon)
    if (!number) continue
    const own = Array.from({ length: number.length }, (_, n) => at + n)
    const sign = meaningIn(lexicon.language.currencies, tokens[at - 1]?.lower ?? '')
    const unit = meaningIn(lexicon.language.currencies, tokens[at + number.length]?.lower ?? '')
    const currency = sign ?? unit
    const start = sign ? at - 1 : at
    const under = before(start, below)
    const over = under ? undefined : before(start, atLeast)
    const words = [...own, ...(sign ? [at - 1] : []), ...(unit ? [at + number.length] : [])]
    if (under || over)
      amounts.comparisons.push({
        side: under ? 'below' : 'atLeast',
        amount: number.value,
        ...(currency ? { currency } : {}),
        at: [...words, ...((under ?? over) as number[])],
      })
    else if (!currency && !amounts.first) {
      const top = before(at, tops)
      const follows = tokens[at + number.length]
      const count = Number(number.value)
      const isLapse = follows !== undefined && lexicon.units.has(follows.stem)
      const isCount = !isLapse && (top !== undefined || (follows !== undefined && !follows.taken))
      if (isCount && Number.isInteger(count) && count > 0 && count <= MOST && tokens[at]!.lower !== 'one')
        amounts.first = { count, at: [...own, ...(top ?? [])] }
    }
    at += number.length - 1
  }
  return amounts
}
